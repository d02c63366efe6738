const slots = 1024;
const longest = 200;

interface Known<Made> {
  readonly text: Buffer;
  readonly made: Made;
}

/**
 * What was made of a text, found again by the text's bytes: the same few names come again and again. Each text has
 * one place, which it shares with others and the last one has: memory is bounded, whatever a sender makes up.
 */
export class TextCache<Made> {
  readonly #known: (Known<Made> | undefined)[] = new Array(slots).fill(undefined);

  find(bytes: Uint8Array, start: number, end: number): Made | undefined {
    const known = this.#known[slotOf(bytes, start, end)];
    return known && isAt(known.text, bytes, start, end) ? known.made : undefined;
  }

  keep(bytes: Uint8Array, start: number, end: number, made: Made): void {
    if (end - start > longest) return;
    this.#known[slotOf(bytes, start, end)] = { text: Buffer.from(bytes.subarray(start, end)), made };
  }
}

/** What depends on a text alone, and is computed once for each of the texts that come often. */
export class OfText<Made> {
  readonly #known = new TextCache<{ readonly made: Made }>();
  readonly compute: (text: string) => Made;

  constructor(compute: (text: string) => Made) {
    this.compute = compute;
  }

  get(bytes: Buffer, start: number, end: number): Made {
    const known = this.#known.find(bytes, start, end);
    if (known) return known.made;
    const made = this.compute(bytes.toString('utf8', start, end));
    this.#known.keep(bytes, start, end, { made });
    return made;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return (hash ^ (hash >>> 10)) & (slots - 1);
}

function isAt(text: Buffer, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) if (text[at - start] !== bytes[at]) return false;
  return true;
}
