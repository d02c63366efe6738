import { codes } from '../mapping/diagnostic.ts';
import { builtInFunctions } from '../mapping/functions/index.ts';
import type { MappingFunction } from '../mapping/functions/types.ts';
import type { SourceFile } from '../mapping/source.ts';

/** What a module exports, as functions that take any arguments. A built-in name is taken. */
export function ownFunctions(
  exported: Readonly<Record<string, unknown>>,
  source: SourceFile,
): [string, MappingFunction][] {
  const functions: [string, MappingFunction][] = [];
  for (const [name, call] of Object.entries(exported)) {
    if (typeof call !== 'function') continue;
    if (builtInFunctions.has(name)) {
      source.error(
        codes.brokenModule,
        ['functions'],
        `the module's '${name}' is a built-in function already`,
        'give it another name',
      );
    }
    const parameters = [{ name: 'arguments', rest: true }] as const;
    functions.push([
      name,
      {
        name,
        description: '',
        parameters,
        example: { args: [], result: undefined },
        call: call as MappingFunction['call'],
      },
    ]);
  }
  return functions;
}
