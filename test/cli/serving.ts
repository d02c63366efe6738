import { vi } from 'vitest';
import { ended, type Result, start } from './helpers.ts';

export const eventually = { timeout: 30_000, interval: 10 };

/** `serve` in a process of its own, on any free port unless it is told another. */
export class Serving {
  readonly result: Promise<Result>;
  readonly #child;
  #output = '';

  /** @param forward address of its Fluent Bit */
  constructor(
    folder: string,
    forward: string,
    environment: Record<string, string> = {},
    args: string[] = [],
  ) {
    this.#child = start(folder, ['serve', ...args], {
      FLUENT_BIT_SIEM_LISTEN: '127.0.0.1:0',
      FLUENT_BIT_SIEM_FORWARD: forward,
      ...environment,
    });
    this.#child.stdout.on('data', (part) => {
      this.#output += part;
    });
    this.result = ended(this.#child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Lines of the log so far. */
  get log(): Record<string, unknown>[] {
    const lines = this.#output.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  /** Waits until it listens: the base URL. */
  async url(): Promise<string> {
    return vi.waitFor(() => {
      const line = this.log
        .map(({ msg }) => String(msg))
        .find((msg) => msg.startsWith('Server listening at '));
      return line!.slice('Server listening at '.length);
    }, eventually);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}
