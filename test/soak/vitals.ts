import { readdirSync, readFileSync } from 'node:fs';

/** Of one process at one moment. */
interface Vital {
  /** Bytes resident. */
  readonly memory: number;
  readonly descriptors: number;
}

/** Memory and file descriptors over time, of a process that may be another one after a kill. */
export class Vitals {
  readonly #samples: Vital[] = [];

  /** Looks at a process; one that is gone says nothing. */
  sample(pid: number | undefined): void {
    const vital = pid === undefined ? undefined : look(pid);
    if (vital) this.#samples.push(vital);
  }

  /** The median of each quarter of the time. */
  quarters(of: keyof Vital): number[] {
    const size = Math.ceil(this.#samples.length / 4);
    return [0, 1, 2, 3].map((index) => {
      const values = this.#samples.slice(index * size, (index + 1) * size).map((vital) => vital[of]);
      return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    });
  }

  most(of: keyof Vital): number {
    return this.#samples.reduce((most, vital) => Math.max(most, vital[of]), 0);
  }

  get last(): Vital {
    return this.#samples.at(-1) ?? { memory: 0, descriptors: 0 };
  }

  describe(): string {
    const mebibytes = this.quarters('memory').map((bytes) => Math.round(bytes / 2 ** 20));
    return (
      `memory by quarters ${mebibytes.join(', ')} MiB, at most ${Math.round(this.most('memory') / 2 ** 20)}; ` +
      `descriptors ${this.quarters('descriptors').join(', ')}, at most ${this.most('descriptors')}, ` +
      `at the end ${this.last.descriptors}`
    );
  }
}

/** proc(5): VmRSS of status, and the entries of fd. */
function look(pid: number): Vital | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (kilobytes === undefined) return undefined;
    return { memory: Number(kilobytes) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}
