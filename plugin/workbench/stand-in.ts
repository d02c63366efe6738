import type { Secrets } from '../mapping/secret.ts';

/** Stands for every secret: what is typed into the workbench must not be able to read the environment or a file. */
export const standIn = 'stand-in-for-a-secret';

/** Resolves every reference to the same word, and notes which there were, as they are written. */
export class StandIns implements Secrets {
  readonly references = new Set<string>();

  environment = (name: string): string => this.#note(`\${${name}}`);
  file = (path: string): string => this.#note(`\${file:${path}}`);

  #note(reference: string): string {
    this.references.add(reference);
    return standIn;
  }
}
