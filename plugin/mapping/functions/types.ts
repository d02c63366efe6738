/** One argument of a function. */
export interface Parameter {
  readonly name: string;
  /** May be left out. Only the last ones can be. */
  readonly optional?: true;
  /** Takes all further arguments, none too. Only the last one can. */
  readonly rest?: true;
  /** table: a YAML map, given to the function as a Map. secret: `${NAME}` only, resolved when the file is read. */
  readonly kind?: 'table' | 'secret';
}

/** A function that mappings call: its name, what it takes, what it does and an example stand in one file. */
export interface MappingFunction {
  readonly name: string;
  /** For the reference. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** Shown in the reference and run as a test; arguments as the function gets them. */
  readonly example: { readonly args: readonly unknown[]; readonly result: unknown };
  /**
   * Gets decoded values; undefined where a path found nothing. What it throws is contained by the caller: the
   * value is left out and counted. undefined means no value.
   */
  readonly call: (...args: readonly unknown[]) => unknown;
}

/** `lookup(value, table, [default])`, as messages and the reference show it. */
export function signature({ name, parameters }: Pick<MappingFunction, 'name' | 'parameters'>): string {
  const shown = parameters.map((one) =>
    one.rest ? `...${one.name}` : one.optional ? `[${one.name}]` : one.name,
  );
  return `${name}(${shown.join(', ')})`;
}
