import { plainText } from '../../format/content.ts';
import { isEmpty } from '../../mapping/empty.ts';
import type { Value } from '../../mapping/model.ts';
import { compileSource } from '../source.ts';
import { type ShapeContext, valueStep } from './shape.ts';
import type { Step } from './step.ts';

/** undefined where they take decoded values. */
export type Steps = readonly Step[] | undefined;

/**
 * Steps for a value of destinations.yaml, as format/content.ts writes it: text, or nothing.
 *
 * @param otherwise what stands there where the settings or the record have none
 */
export function settingSteps(
  key: string,
  value: Value | undefined,
  context: ShapeContext,
  otherwise: readonly Step[] = [],
): Steps {
  if (value === undefined || (value.kind === 'literal' && isEmpty(value.value))) return otherwise;
  const source = compileSource(value, context.slotOf);
  if (!source) return undefined;
  return [{ ...valueStep(context, key, source, 'text', plainText), skip: otherwise.length }, ...otherwise];
}

/** All of them, one behind the other. */
export function joined(all: readonly Steps[]): Steps {
  return all.every((steps) => steps !== undefined) ? all.flat() : undefined;
}
