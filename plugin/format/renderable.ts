import type { Event, Problems } from '../compile/event.ts';

/**
 * The extension with each value rendered. A value that has no rendering is left out and counted, and its
 * label goes with it.
 *
 * @param render gives undefined for what can't be rendered
 */
export function renderable<Rendered>(
  extension: Event['extension'],
  render: (value: unknown) => Rendered | undefined,
  problems: Problems,
): (readonly [key: string, value: Rendered])[] {
  const rendered: (readonly [key: string, value: Rendered])[] = [];
  let lost: Set<string> | undefined;
  for (const pair of extension) {
    const value = render(pair[1]);
    if (value !== undefined) {
      rendered.push(Object.is(value, pair[1]) ? (pair as readonly [string, Rendered]) : [pair[0], value]);
      continue;
    }
    problems.failedValues++;
    lost ??= new Set();
    lost.add(`${pair[0]}Label`);
  }
  return lost ? rendered.filter(([key]) => !lost.has(key)) : rendered;
}
