import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { codes } from './diagnostic.ts';
import type { SourceFile } from './source.ts';
import { suggestion } from './suggest.ts';

/** What every schema is compiled with. */
export const schemaRules = { allErrors: true, verbose: true, strict: true, allowUnionTypes: true } as const;

// That our own schemas are schemas, a test shows; without the check, and code that is optimised, compiling takes half the time.
const ajv = new Ajv({ ...schemaRules, validateSchema: false, meta: false, code: { optimize: false } });

/** Compiles a schema once; `checkShape` runs it on as many files as there are. */
export function compileSchema(schema: object): ValidateFunction {
  return ajv.compile(schema);
}

/**
 * Checks a file's shape and adds every finding at its place.
 *
 * @returns true when the shape is right
 */
export function checkShape(source: SourceFile, validate: ValidateFunction): boolean {
  if (source.value === undefined) return false;
  if (validate(source.value)) return true;
  for (const problem of validate.errors ?? []) report(source, problem);
  return false;
}

function report(source: SourceFile, problem: ErrorObject): void {
  const path = problem.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const where = nameOf(path);
  const parent = problem.parentSchema as { properties?: object } | undefined;
  const params = problem.params as Record<string, unknown>;
  switch (problem.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const allowed = Object.keys(parent?.properties ?? {});
      source.error(codes.unknownKey, [...path, key], `unknown key '${key}'`, suggestion(key, allowed), 'key');
      return;
    }
    case 'required':
      source.error(
        codes.missingKey,
        path,
        `${where} has no '${String(params.missingProperty)}'`,
        undefined,
        'key',
      );
      return;
    case 'propertyNames':
      return; // the pattern's own finding says it better
    case 'pattern': {
      const name = String(problem.propertyName ?? problem.data);
      const at = problem.propertyName === undefined ? path : [...path, name];
      const hint = 'use small letters, digits, _ and -';
      source.error(codes.wrongShape, at, `'${name}' can't be used as a name here`, hint, 'key');
      return;
    }
    case 'maxItems':
      // Only where an empty list is allowed for PHP's sake: it writes empty maps so.
      source.error(codes.wrongShape, path, `${where} must be a map, not a list`, 'write key: value');
      return;
    case 'minItems':
    case 'minLength':
    case 'minProperties':
      source.error(codes.wrongShape, path, `${where} is empty`);
      return;
    case 'enum': {
      const allowed = params.allowedValues as unknown[];
      const found = shown(problem.data);
      const isOtherType =
        typeof problem.data !== 'object' && allowed.some((one) => String(one) === String(problem.data));
      const quotes = typeof problem.data === 'string' ? 'write it without quotes' : 'put it in quotes';
      const hint = isOtherType ? quotes : suggestion(String(problem.data), allowed.map(String));
      source.error(codes.wrongShape, path, `${where} is ${found}`, hint);
      return;
    }
    case 'type': {
      if (path.length === 0 && problem.data === null) {
        source.error(codes.wrongShape, path, 'this file is empty');
        return;
      }
      const wanted = [params.type]
        .flat()
        .join(', ')
        .replace(/, (\w+)$/, ' or $1');
      const quote =
        typeof problem.data === 'number' && wanted.includes('string') ? 'put it in quotes' : undefined;
      source.error(codes.wrongShape, path, `${where} must be ${wanted}, not ${shown(problem.data)}`, quote);
      return;
    }
    default:
      source.error(codes.wrongShape, path, `${where} ${problem.message ?? 'is not right'}`);
  }
}

/** What a finding calls a place: its key, or which entry of a list it is. */
function nameOf(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'this file';
  return typeof last === 'number' ? `entry ${last + 1} of '${path.at(-2)}'` : `'${last}'`;
}

function shown(data: unknown): string {
  if (Array.isArray(data)) return 'a list';
  if (data !== null && typeof data === 'object') return 'an object';
  return typeof data === 'string' ? `'${data}'` : String(data);
}
