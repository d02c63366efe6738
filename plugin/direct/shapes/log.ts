import { messageOf, plainText } from '../../format/content.ts';
import { toJsonValue } from '../../format/json-value.ts';
import { severityLevel } from '../../format/severity.ts';
import { partOfPairs } from '../objects/part.ts';
import { lineContent, mappedHead, mappedKeys } from './content.ts';
import { framed, pairSteps, type Shape, type ShapeContext, valueStep } from './shape.ts';
import { isUsualKey, type Step, type ValueStep, type Writing } from './step.ts';

/** What the shapes of log services differ in. */
export interface LogService {
  /** What they call the severity's word. */
  readonly level: string;
  /** What stands behind it. */
  readonly envelope: readonly Step[];
  /** Keys for which it takes decoded values. */
  readonly taken: readonly string[];
  /** How they take values. */
  readonly as: Writing;
}

const message = 'message';
const time: Step = { kind: 'milliseconds', key: 'timestamp' };

/** The shape of a log service: time, a line for people and a level, then what the event holds. */
export function compileLog(context: ShapeContext, service: LogService): Shape | undefined {
  const { level, envelope } = service;
  const { event } = context.settings;
  if (event === 'record') return undefined;
  if (event === 'mapped') return framed(mappedLog(context, service), [time]);
  const line = lineContent(context, message);
  const withLevel: Shape = {
    ...line,
    head: (eventClass, eventName, severity, problems) => {
      const parts = line.head(eventClass, eventName, severity, problems);
      return parts && [...parts, partOfPairs({ [level]: severityLevel(severity) })];
    },
  };
  return framed(withLevel, [time], [{ kind: 'head', part: 2, most: 1 }, ...envelope]);
}

function mappedLog(context: ShapeContext, { level, envelope, taken, as }: LogService): Shape {
  const refused = new Set([...mappedKeys, ...taken]);
  return {
    head: (eventClass, eventName, severity, problems) => {
      const fields = mappedHead(eventClass, eventName, severity, problems);
      if (as === 'attribute' && Object.values(fields).some((value) => typeof value === 'object'))
        return undefined;
      const line = messageOf({ eventClass, eventName, extension: [] });
      return [fields, { [level]: severityLevel(severity) }, { [message]: line }].map(partOfPairs);
    },
    steps: (mapping) => {
      const pairs = pairSteps(mapping, context, (key, source) => {
        if (!isUsualKey(key) || refused.has(key)) return undefined;
        return key === message
          ? valueStep(context, key, source, 'text', plainText)
          : valueStep(context, key, source, as, as === 'value' ? toJsonValue : plainValue);
      });
      if (!pairs) return undefined;
      const first = messageSteps(pairs);
      pairs.delete(message);
      return [
        ...first,
        { kind: 'head', part: 1, most: 1 },
        ...envelope,
        { kind: 'head', part: 0, most: mappedKeys.length },
        ...pairs.values(),
      ];
    },
  };
}

/** A list or map as constant takes decoded values. */
function plainValue(value: unknown): unknown {
  return typeof value === 'object' ? undefined : toJsonValue(value);
}

/** `message` as format/content.ts chooses it: what the mapping calls so, else its `msg`, else a part of the head. */
function messageSteps(pairs: ReadonlyMap<string, ValueStep>): Step[] {
  const steps: Step[] = [{ kind: 'head', part: 2, most: 1 }];
  const msg = pairs.get('msg');
  if (msg) {
    const { source, constant, computed } = msg;
    const text = { kind: 'value', key: message, source, constant: plainText(constant), as: 'text' } as const;
    steps.unshift({ ...text, computed: computed && { slot: computed.slot }, skip: 1 });
  }
  const own = pairs.get(message);
  return own ? [{ ...own, skip: steps.length }, ...steps] : steps;
}
