import { codes } from './diagnostic.ts';
import { ExpressionError, parseText } from './expression.ts';
import { builtInFunctions } from './functions/index.ts';
import type { Value } from './model.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { suggestion } from './suggest.ts';

const nothing: Value = { kind: 'literal', value: '' };

/**
 * Reads one value of a mapping file: a literal, a `$path`, a chain or a function call. A value that can't
 * be read becomes a finding and an empty literal, so that reading goes on and finds the rest.
 */
export function readValue(source: SourceFile, at: PathInFile, content: unknown): Value {
  if (typeof content === 'number' || typeof content === 'boolean') return { kind: 'literal', value: content };
  if (typeof content === 'string') {
    try {
      return parseText(content);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      source.error(codes.unreadablePath, at, error.message, error.hint);
      return nothing;
    }
  }
  return readCall(source, at, content);
}

/** `{ call: name, args: [...] }`, or as FileCloud's PHP has it: `[[Class::class, name], [args]]`. */
function readCall(source: SourceFile, at: PathInFile, content: unknown): Value {
  const call = Array.isArray(content) ? fromPhp(content, at) : fromObject(content, at);
  if (!call) {
    source.error(
      codes.wrongShape,
      at,
      'this is no value',
      'write a text, a number, a $path, or { call: name, args: [...] }',
    );
    return nothing;
  }
  const definition = builtInFunctions.get(call.name);
  const args = call.args.map((argument, index) => readValue(source, [...call.argsAt, index], argument));
  if (!definition) {
    const hint = suggestion(call.name, builtInFunctions.keys());
    source.error(codes.unknownFunction, call.nameAt, `there is no function '${call.name}'`, hint);
    return nothing;
  }
  if (args.length !== definition.parameters.length) {
    const wanted = `${definition.name}(${definition.parameters.join(', ')})`;
    source.error(
      codes.wrongArgumentCount,
      at,
      `${wanted} takes ${definition.parameters.length}, not ${args.length} arguments`,
    );
    return nothing;
  }
  return { kind: 'call', function: definition, args };
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
