import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes lines many at a time: a write for each would take as long as what makes them. */
export class LineWriter {
  readonly #stream: Writable;
  #text = '';
  #isFull = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  add(line: string): void {
    this.#text += `${line}\n`;
  }

  /** Writes what was added, and waits while whoever reads it is behind. */
  async flush(): Promise<void> {
    this.push();
    if (!this.#isFull) return;
    this.#isFull = false;
    await once(this.#stream, 'drain');
  }

  /** Writes what was added, without waiting: for what must stand before something on another stream. */
  push(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#stream.write(text)) this.#isFull = true;
  }
}
