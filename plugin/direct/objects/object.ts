import type { Problems } from '../../compile/event.ts';
import { largestMessage } from '../../fluent/forward-message.ts';
import { isEmpty } from '../../mapping/empty.ts';
import { computedSize, computedStart, memory, unlessFull } from '../assembly.ts';
import type { CompileFormat, EventWriter } from '../event-writer.ts';
import { compileHead } from '../head.ts';
import { careFor } from '../lines/copy.ts';
import { nothing, type RecordScan } from '../record-scan.ts';
import type { CompileShape } from '../shapes/shape.ts';
import type { Step, ValueStep } from '../shapes/step.ts';
import type { SlotOf } from '../source.ts';
import { type ObjectHead, ObjectProgram } from './object-program.ts';
import { packValue } from './part.ts';
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
        const parts = { steps, limit, care, headBy, canKnowHeads: heads.by.length < 2 };
        const program = unlessFull(() => new ObjectProgram(parts, image));
        if (!program) return undefined;
        heads.onKnown = (text, head) => program.know(text, head);
        const computed = steps.filter(isComputed);
        return {
          program: computed.length === 0 ? program : undefined,
          write: (scan, { eventTime, timeAt, recordAt, idAt }, out, problems) => {
            if (eventTime < 0 || !compute(computed, scan, problems)) return false;
            const head = heads.find(scan, problems);
            return head !== undefined && program.write(out, scan, head, eventTime, timeAt, recordAt, idAt);
          },
        };
      },
    };
  };
}

type ComputedStep = ValueStep & { readonly computed: NonNullable<ValueStep['computed']> };

function isComputed(step: Step): step is ComputedStep {
  return 'computed' in step && step.computed?.render !== undefined;
}

/**
 * Puts what functions give where steps look for it.
 *
 * @returns false when only the objects path can tell how to write one of them
 */
function compute(steps: readonly ComputedStep[], scan: RecordScan, problems: Problems): boolean {
  let at = computedStart;
  for (const { source, computed } of steps) {
    const value = source.compute!(scan, problems);
    if (scan.isUnclear) return false;
    scan.put(computed.slot, nothing);
    if (isEmpty(value)) continue;
    const rendered = computed.render!(value, problems);
    if (rendered === undefined) return false;
    const packed = packValue(rendered);
    if (at + packed.length > computedStart + computedSize) return false;
    memory.set(packed, at);
    scan.put(computed.slot, at);
    // As many bytes may be read behind a text.
    at += packed.length + 32;
  }
  return true;
}
