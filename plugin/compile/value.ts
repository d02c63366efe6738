import { isEmpty } from '../mapping/empty.ts';
import type { Value } from '../mapping/model.ts';
import type { AuditRecord, Problems } from './event.ts';
import { compilePath } from './path.ts';

/** Computes a value from a record; undefined when there is none. Never throws. */
export type Evaluate = (record: AuditRecord, problems: Problems) => unknown;

/** Compiles a value of the mapping model to a function, once, when the mapping is loaded. */
export function compileValue(value: Value): Evaluate {
  switch (value.kind) {
    case 'literal': {
      const constant = value.value;
      return () => constant;
    }
    case 'path':
      return compilePath(value);
    case 'chain': {
      const alternatives = value.alternatives.map(compileValue);
      return (record, problems) => {
        for (const alternative of alternatives) {
          const found = alternative(record, problems);
          if (!isEmpty(found)) return found;
        }
        return undefined;
      };
    }
    case 'call': {
      const args = value.args.map(compileValue);
      const { name, call } = value.function;
      return (record, problems) => {
        try {
          const result = call(...args.map((argument) => argument(record, problems)));
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
