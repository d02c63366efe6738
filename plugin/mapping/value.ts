import { codes } from './diagnostic.ts';
import { ExpressionError, parseProperty, parseText } from './expression.ts';
import { builtInFunctions } from './functions/index.ts';
import { type MappingFunction, type Parameter, signature } from './functions/types.ts';
import type { Path, Value } from './model.ts';
import { resolveText, type Secrets } from './secret.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { suggestion } from './suggest.ts';

/** What values may call on beside the file they stand in. */
export interface ValueContext {
  readonly functions: ReadonlyMap<string, MappingFunction>;
  readonly secrets: Secrets;
}

/** The built-in functions, and no secrets. */
export const builtInContext: ValueContext = {
  functions: builtInFunctions,
  secrets: { environment: () => undefined, file: () => undefined },
};

/** Stands for a value that can't be read; the finding is told already. */
export const unreadable: Value = { kind: 'literal', value: '' };

/**
 * Reads one value of a mapping file: a literal, a `$path`, a chain or a function call. A value that can't
 * be read becomes a finding and an empty literal, so that reading goes on and finds the rest.
 */
export function readValue(
  source: SourceFile,
  at: PathInFile,
  content: unknown,
  context = builtInContext,
): Value {
  if (typeof content === 'number' || typeof content === 'boolean') return { kind: 'literal', value: content };
  if (typeof content === 'string') {
    try {
      return parseText(content);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      source.error(codes.unreadablePath, at, error.message, error.hint);
      return unreadable;
    }
  }
  return readCall(source, at, content, context);
}

/**
 * Reads the name of a property, as prefilters and `idField` have it: a path whose `$` may be left out.
 *
 * @param part whether it stands in the file as a key or as a value
 * @returns a list of one, or an empty one with the finding told: both fit `flatMap`
 */
export function readProperty(
  source: SourceFile,
  at: PathInFile,
  name: string,
  part: 'key' | 'value',
): Path[] {
  try {
    return [parseProperty(name)];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    source.error(codes.unreadablePath, at, error.message, error.hint, part);
    return [];
  }
}

/** `{ call: name, args: [...] }`, or as FileCloud's PHP has it: `[[Class::class, name], [args]]`. */
function readCall(source: SourceFile, at: PathInFile, content: unknown, context: ValueContext): Value {
  const call = Array.isArray(content) ? fromPhp(content, at) : fromObject(content, at);
  if (!call) {
    source.error(
      codes.wrongShape,
      at,
      'this is no value',
      'write a text, a number, a $path, or { call: name, args: [...] }',
    );
    return unreadable;
  }
  const definition = context.functions.get(call.name);
  const parameters = definition?.parameters ?? [];
  // Read in any case: what is wrong in the arguments is told together with what is wrong about the call.
  const args = call.args.map((argument, index) => {
    const parameter = parameters[Math.min(index, parameters.length - 1)];
    return readArgument(source, [...call.argsAt, index], argument, parameter, context);
  });
  if (!definition) {
    const hint = suggestion(call.name, context.functions.keys());
    source.error(codes.unknownFunction, call.nameAt, `there is no function '${call.name}'`, hint);
    return unreadable;
  }
  const count = describeCount(definition, args.length);
  if (count !== undefined) {
    source.error(codes.wrongArgumentCount, at, count);
    return unreadable;
  }
  return { kind: 'call', function: definition, args };
}

/** undefined when the number of arguments is right. */
function describeCount(definition: MappingFunction, count: number): string | undefined {
  const { parameters } = definition;
  const least = parameters.filter((one) => !one.optional && !one.rest).length;
  const most = parameters.at(-1)?.rest ? Number.POSITIVE_INFINITY : parameters.length;
  if (count >= least && count <= most) return undefined;
  const upTo = most === Number.POSITIVE_INFINITY ? ' or more' : most > least ? ` to ${most}` : '';
  const word = upTo === '' && least === 1 ? 'argument' : 'arguments';
  return `${signature(definition)} takes ${least}${upTo} ${word}, not ${count}`;
}

function readArgument(
  source: SourceFile,
  at: PathInFile,
  content: unknown,
  parameter: Parameter | undefined,
  context: ValueContext,
): Value {
  if (parameter?.kind === 'table') return readTable(source, at, content);
  if (parameter?.kind === 'secret') return readSecret(source, at, content, context.secrets);
  return readValue(source, at, content, context);
}

function readTable(source: SourceFile, at: PathInFile, content: unknown): Value {
  const entries =
    content !== null && typeof content === 'object' && !Array.isArray(content) ? Object.entries(content) : [];
  const isTable =
    entries.length > 0 && entries.every(([, one]) => ['string', 'number', 'boolean'].includes(typeof one));
  if (isTable) return { kind: 'literal', value: new Map(entries) };
  source.error(
    codes.wrongShape,
    at,
    'this is no table',
    'write { text: value, text: value } with texts or numbers as values',
  );
  return unreadable;
}

/** A secret never stands in a mapping file, so nothing but a reference is taken. */
function readSecret(source: SourceFile, at: PathInFile, content: unknown, secrets: Secrets): Value {
  if (typeof content === 'string' && /^\$\{[^}]+\}$/.test(content)) {
    return { kind: 'literal', value: resolveText(source, content, secrets, at) };
  }
  source.errorInSecret(
    codes.secretInFile,
    at,
    'a secret does not stand in a mapping file',
    'write ${NAME} of the environment, or ${file:PATH}',
  );
  return unreadable;
}

interface CallParts {
  name: string;
  nameAt: PathInFile;
  args: unknown[];
  argsAt: PathInFile;
}

function fromObject(content: unknown, at: PathInFile): CallParts | undefined {
  if (content === null || typeof content !== 'object') return undefined;
  const { call: name, args = [], ...rest } = content as Record<string, unknown>;
  if (typeof name !== 'string' || !Array.isArray(args) || Object.keys(rest).length > 0) return undefined;
  return { name, nameAt: [...at, 'call'], args, argsAt: [...at, 'args'] };
}

function fromPhp(content: unknown[], at: PathInFile): CallParts | undefined {
  const call = phpCall(content);
  return call && { ...call, nameAt: [...at, 0, 1], argsAt: [...at, 1] };
}

/** Name and arguments of `[[Class::class, name], [args]]`; undefined when a list is something else. */
export function phpCall(content: readonly unknown[]): { name: string; args: unknown[] } | undefined {
  const [callback, args = []] = content;
  if (!Array.isArray(callback) || callback.length !== 2 || !Array.isArray(args) || content.length > 2)
    return undefined;
  const name: unknown = callback[1];
  return typeof name === 'string' ? { name, args } : undefined;
}
