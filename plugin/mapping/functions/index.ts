import { getSysAlertSeverity } from './get-sys-alert-severity.ts';

/** A function that mappings call: its name, what it takes and what it does stand in one file. */
export interface MappingFunction {
  readonly name: string;
  readonly description: string;
  /** Names of the arguments, in order; all are required. */
  readonly parameters: readonly string[];
  /** Shown in the reference and run as a test. */
  readonly example: { readonly args: readonly unknown[]; readonly result: unknown };
  /** What it throws is contained by the caller: the value is left out and counted. */
  readonly call: (...args: unknown[]) => unknown;
}

/** All functions that are built in, by name. */
export const builtInFunctions: ReadonlyMap<string, MappingFunction> = new Map(
  [getSysAlertSeverity].map((definition) => [definition.name, definition]),
);
