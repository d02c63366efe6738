import { largestMessage } from '../../fluent/forward-message.ts';
import { unlessFull } from '../assembly.ts';
import { ComputedValue, computeValues } from '../computed.ts';
import type { CompileFormat, EventWriter } from '../event-writer.ts';
import { compileHead } from '../head.ts';
import { careFor } from '../lines/care.ts';
import type { CompileShape } from '../shapes/shape.ts';
import type { Step } from '../shapes/step.ts';
import type { SlotOf } from '../source.ts';
import { type ObjectHead, ObjectProgram } from './object-program.ts';
import { placeTag } from './tag-place.ts';

/** A longer object may be too long for a message: the objects path tells, and sets the record aside. */
const mostBytes = largestMessage / 2;

/** A backslash before `\`, `=` and `;`; controls but the tab, and what is beyond ASCII, are looked at. */
const care = careOfExtras();

function careOfExtras(): Uint8Array {
  const { ofByte } = careFor('\\=', '\t');
  ofByte[';'.charCodeAt(0)] = ofByte['='.charCodeAt(0)]!;
  return ofByte;
}

/** A JSON shape for the direct path. */
export function compileObjects(compileShape: CompileShape): CompileFormat {
  return (settings, slots, image) => {
    const slotOf: SlotOf = (key, below) => slots.of(key, below);
    const shape = compileShape({ settings, slots, slotOf, image });
    if (!shape) return undefined;
    const limit = Math.min(settings.recordLimit ?? mostBytes, mostBytes);
    return {
      earliest: 0,
      latest: Number.MAX_SAFE_INTEGER,
      begin: placeTag,
      compile: (mapping, externalId): EventWriter | undefined => {
        const steps = shape.steps(mapping, externalId);
        const heads = compileHead<ObjectHead>(mapping, shape.head, slotOf, true);
        if (!steps || !heads || !image.hasRoom) return undefined;
        const [headBy] = heads.by;
        const computed = steps.flatMap(computedOf);
        const canKnowHeads = heads.by.length < 2;
        const parts = { steps, limit, care, headBy, canKnowHeads, computes: computed.length > 0 };
        const program = unlessFull(() => new ObjectProgram(parts, image));
        if (!program) return undefined;
        heads.onKnown = (text, head) => program.know(text, head);
        program.prepare = (scan, problems) => {
          const head = computeValues(computed, scan, problems) ? heads.find(scan, problems) : undefined;
          return head === undefined ? 0 : program.placeHead(head);
        };
        return {
          program,
          write: (scan, { eventTime, timeAt, recordAt, idAt }, out, problems) => {
            const headAt = eventTime < 0 ? 0 : program.prepare(scan, problems);
            return headAt !== 0 && program.write(out, scan, headAt, eventTime, timeAt, recordAt, idAt);
          },
        };
      },
    };
  };
}

function computedOf(step: Step): ComputedValue[] {
  if (step.kind === 'linePairs') return [...step.program.computed];
  if (!('computed' in step) || !step.computed?.render) return [];
  return [new ComputedValue(step.source, step.computed.slot, step.computed.render)];
}
