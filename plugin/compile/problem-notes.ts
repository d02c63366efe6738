import type { Problems } from './event.ts';

/** What could not be said as the mapping wanted it, in words. */
export function problemNotes({
  failedValues,
  shortenedValues,
  mistypedValues,
  clampedSeverities,
}: Problems): string[] {
  const values = (count: number): string => `${count} ${count === 1 ? 'value' : 'values'}`;
  return [
    ...(failedValues > 0 ? [`${values(failedValues)} could not be rendered and left out`] : []),
    ...(shortenedValues > 0 ? [`${values(shortenedValues)} cut to the length that may be`] : []),
    ...(mistypedValues > 0 ? [`${values(mistypedValues)} not of the type that the key is for`] : []),
    ...(clampedSeverities > 0
      ? ['the severity is outside the range of the format and was moved to its end']
      : []),
  ];
}
