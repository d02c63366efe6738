import type { Problems } from '../../compile/event.ts';
import { noProblems } from '../../compile/event.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { DestinationSettings } from '../../mapping/settings.ts';
import type { Image } from '../assembly.ts';
import type { RenderValue } from '../computed.ts';
import type { Slots } from '../key-table.ts';
import type { Part } from '../objects/part.ts';
import { compileSource, type SlotOf, type Source } from '../source.ts';
import type { Step, ValueStep, Writing } from './step.ts';

/** What a JSON shape says to the direct path: the rules are those of its file in format/. */
export interface Shape {
  /**
   * What depends on an event's class, name and severity: the parts that `head` steps write.
   *
   * @returns undefined when that takes decoded values
   */
  readonly head: (
    eventClass: unknown,
    eventName: unknown,
    severity: unknown,
    problems: Problems,
  ) => readonly Part[] | undefined;
  /** @returns undefined when the mapping's events take decoded values */
  readonly steps: (mapping: Mapping, externalId: Source) => readonly Step[] | undefined;
}

/** What a shape is compiled with. */
export interface ShapeContext {
  readonly settings: DestinationSettings;
  readonly slots: Slots;
  readonly slotOf: SlotOf;
  readonly image: Image;
}

/** @returns undefined when events with such settings take decoded values */
export type CompileShape = (context: ShapeContext) => Shape | undefined;

/** What a function gives is rendered before it is written, and then written as it is. */
export function valueStep(
  { slots }: ShapeContext,
  key: string,
  source: Source,
  as: Writing,
  render: RenderValue,
  longest?: number,
): ValueStep {
  const step = { kind: 'value', key, source, constant: constantOf(source, render) } as const;
  if (source.compute) return { ...step, as: 'value', computed: { slot: slots.spare(), render } };
  return longest === undefined ? { ...step, as } : { ...step, as, longest };
}

/** One that is a problem is a problem each time, to be counted with decoded values. */
function constantOf({ constant }: Source, render: RenderValue): unknown {
  if (constant === undefined) return undefined;
  const problems = noProblems();
  const rendered = render(constant, problems);
  const { failedValues, mistypedValues, shortenedValues } = problems;
  return failedValues + mistypedValues + shortenedValues > 0 ? undefined : rendered;
}

/**
 * The steps for what a mapping says, in its order, by its keys.
 *
 * @param stepOf undefined when it takes decoded values to write the key
 * @returns undefined when one of them is, or a key comes twice
 */
export function pairSteps(
  { extension }: Mapping,
  { slotOf }: ShapeContext,
  stepOf: (key: string, source: Source) => ValueStep | undefined,
): Map<string, ValueStep> | undefined {
  const keys = new Set(extension.map(({ key }) => key));
  const steps = new Map<string, ValueStep>();
  for (const { key, value } of extension) {
    const source = compileSource(value, slotOf);
    const step = source && stepOf(key, source);
    if (!step || steps.has(key)) return undefined;
    const labelled = key.endsWith('Label') ? key.slice(0, -'Label'.length) : undefined;
    const of = labelled !== undefined && keys.has(labelled) ? labelled : undefined;
    steps.set(key, { ...step, name: key, of });
  }
  return steps;
}

/** A shape whose steps stand in an object of their own, behind some and before others. */
export function framed(
  { head, steps }: Shape,
  before: readonly Step[] = [],
  after: readonly Step[] = [],
  key?: string,
): Shape {
  const open: Step = key === undefined ? { kind: 'open' } : { kind: 'open', key };
  return {
    head,
    steps: (...mapping) => {
      const inner = steps(...mapping);
      return inner && [open, ...before, ...inner, ...after, { kind: 'close' }];
    },
  };
}
