import type { Section } from './configuration.ts';

/** Inputs that take the tag from who sends, or make it from what comes. */
const tagsFromOutside = new Set(['forward', 'http', 'elasticsearch', 'opentelemetry', 'splunk', 'mqtt']);

/**
 * The tags of what an input takes; none when they can't be known. `*` in a tag of tail is the file's path, with dots in
 * place of the slashes.
 */
export function tagsOf(input: Section): (string | undefined)[] {
  const tag = input.value('tag');
  if (input.isOpen('tag') || input.property('tag_regex')) return [undefined];
  // An input without a name is Fluent Bit's to refuse.
  if (tag === undefined)
    return [input.plugin === '' || tagsFromOutside.has(input.plugin) ? undefined : `${input.plugin}.0`];
  if (!tag.includes('*')) return [tag];
  if (input.isOpen('path')) return [undefined];
  const paths = (input.value('path') ?? '').split(',').map((path) => path.trim().replaceAll('*', '0'));
  return paths.map((path) => tag.replace('*', path.replace(/^\//, '').replaceAll('/', '.')));
}

/** Whether any of the outputs takes a tag; what can't be known is taken. */
export function isTaken(tag: string | undefined, outputs: readonly Section[]): boolean {
  return tag === undefined ? outputs.length > 0 : outputs.some((output) => output.matches(tag));
}
