import { isEmpty } from '../mapping/empty.ts';
import type { Path, Value } from '../mapping/model.ts';
import type { AuditRecord, Problems } from './event.ts';
import { compilePath } from './path.ts';

/** Computes a value from a record; undefined when there is none. Never throws. */
export type Evaluate = (record: AuditRecord, problems: Problems) => unknown;

/** Compiles a value of the mapping model to a function, once, when the mapping is loaded. */
export function compileValue(value: Value): Evaluate {
  return compileValueOf(value, compilePath);
}

/**
 * Compiles a value for whatever paths are read from.
 *
 * @param compileRead gives what reads a path's value; undefined is no value
 */
export function compileValueOf<From>(
  value: Value,
  compileRead: (path: Path) => (from: From) => unknown,
): (from: From, problems: Problems) => unknown {
  switch (value.kind) {
    case 'literal': {
      const constant = value.value;
      return () => constant;
    }
    case 'path':
      return compileRead(value);
    case 'chain': {
      const alternatives = value.alternatives.map((one) => compileValueOf(one, compileRead));
      return (from, problems) => {
        for (const alternative of alternatives) {
          const found = alternative(from, problems);
          if (!isEmpty(found)) return found;
        }
        return undefined;
      };
    }
    case 'call': {
      const args = value.args.map((one) => compileValueOf(one, compileRead));
      const { name, call } = value.function;
      return (from, problems) => {
        try {
          const result = call(...args.map((argument) => argument(from, problems)));
          if (isThenable(result)) {
            // Nobody waits for it: without this its failure would end the process.
            Promise.resolve(result).catch(() => {});
            throw new TypeError('a function must answer at once');
          }
          return result;
        } catch {
          problems.failedValues++;
          problems.failedFunction = name;
          return undefined;
        }
      };
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function'
  );
}
