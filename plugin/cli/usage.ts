/** Wrong use of the command line: the message and the command's usage go to stderr, exit code 2. */
export class UsageError extends Error {}

/** Exit codes of every command. */
export const exit = { fine: 0, findings: 1, wrongUse: 2 } as const;

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: string;
  /** @returns the exit code */
  readonly run: (args: string[]) => Promise<number>;
}

/** Where destinations.yaml is when nobody says. */
export const defaultConfig = 'mappings/destinations.yaml';
