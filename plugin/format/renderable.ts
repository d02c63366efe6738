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
  const lost = new Set<string>();
  const rendered = extension.flatMap(([key, value]) => {
    const one = render(value);
    if (one !== undefined) return [[key, one] as const];
    problems.failedValues++;
    lost.add(`${key}Label`);
    return [];
  });
  return lost.size === 0 ? rendered : rendered.filter(([key]) => !lost.has(key));
}
