import { cefDictionary } from '../mapping/cef-dictionary.ts';
import { typeNames } from '../mapping/cef-types.ts';
import type { MappingFunction } from '../mapping/functions/types.ts';
import { signature } from '../mapping/functions/types.ts';
import { mappingSchema } from '../mapping/mapping-schema.ts';
import type { SchemaAnswer } from './answer.ts';

/** What an editor of mapping files completes: the schema's keys, functions, CEF's keys. */
export function completionOf(
  functions: ReadonlyMap<string, MappingFunction>,
): Pick<SchemaAnswer, 'schema' | 'functions' | 'cefKeys'> {
  return {
    schema: mappingSchema,
    functions: [...functions.values()].map((one) => ({
      name: one.name,
      signature: signature(one),
      description: one.description,
    })),
    cefKeys: [...cefDictionary]
      .filter(([, { consumerOnly }]) => !consumerOnly)
      .map(([name, { type, maxLength }]) => ({
        name,
        type:
          maxLength === undefined ? typeNames[type] : `${typeNames[type]}, at most ${maxLength} characters`,
      })),
  };
}
