/** What came of one look at the running installation. */
export interface Check {
  readonly status: 'ok' | 'warning' | 'error' | 'skipped';
  /** What was looked at: `service`, `forward`, a destination's name, ... */
  readonly subject: string;
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
}

/** Most milliseconds one look may take. */
export const patience = 5_000;

/** One look's results, for its subject. */
export class Checks {
  readonly all: Check[] = [];
  readonly #subject: string;

  constructor(subject: string) {
    this.#subject = subject;
  }

  add(status: Check['status'], message: string, hint?: string): void {
    this.all.push({ status, subject: this.#subject, message, ...(hint === undefined ? {} : { hint }) });
  }
}
