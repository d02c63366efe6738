import type { Operand, Option } from '../usage.ts';

/** What a shell may offer in the place of a value: files, these words, or nothing it could know. */
export type Offer = 'files' | 'nothing' | readonly string[];

export function offerFor(one: Pick<Option, 'value' | 'choices'> | Operand | undefined): Offer {
  if (!one) return 'nothing';
  if (one.choices) return one.choices;
  return ('name' in one ? one.name : one.value) === 'FILE' ? 'files' : 'nothing';
}

/** A text between single quotes, as bash, zsh and fish all read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
