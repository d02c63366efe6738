import { marker } from './marker.ts';

export interface Leak {
  /** How it was written. */
  readonly form: string;
  /** The text around it. */
  readonly excerpt: string;
}

const around = 80;

/** The marker in every form in which a secret that has it could be written. */
const forms: readonly (readonly [form: string, text: string])[] = [
  ['as it is', marker],
  ['in hexadecimal', Buffer.from(marker).toString('hex')],
  ['percent-encoded', [...Buffer.from(marker)].map((byte) => `%${byte.toString(16)}`).join('')],
  // What stands before it decides where the groups of three bytes begin.
  ...[0, 1, 2].map((offset): [string, string] => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(marker)]);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64');
    // The first characters also hold bits of what stands before.
    return ['in base64', whole.slice(offset === 0 ? 0 : offset + 1)];
  }),
];

/** Every secret of the tests in a text, whatever its case. */
export function leaksIn(text: string): Leak[] {
  const lower = text.toLowerCase();
  return forms.flatMap(([form, wanted]) => {
    const leaks: Leak[] = [];
    for (let at = indexOf(wanted, 0); at >= 0; at = indexOf(wanted, at + wanted.length))
      leaks.push({ form, excerpt: text.slice(Math.max(0, at - around), at + wanted.length + around) });
    return leaks;

    // Base64 means something else in another case.
    function indexOf(one: string, from: number): number {
      return form === 'in base64' ? text.indexOf(one, from) : lower.indexOf(one.toLowerCase(), from);
    }
  });
}
