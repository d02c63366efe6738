import { largestMessage } from '../fluent/forward-message.ts';
import { unlessFull } from './assembly.ts';
import { careFor } from './copy.ts';
import type { CompileFormat, EventWriter } from './event-writer.ts';
import { compileHead } from './head.ts';
import { type ObjectHead, ObjectProgram } from './object-program.ts';
import type { CompileShape } from './shapes/shape.ts';
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
  return (settings, slotOf, image) => {
    const shape = compileShape({ settings, slotOf, image });
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
        return {
          program,
          write: (scan, { eventTime, timeAt, recordAt, idAt }, out, problems) => {
            const head = eventTime < 0 ? undefined : heads.find(scan, problems);
            return head !== undefined && program.write(out, scan, head, eventTime, timeAt, recordAt, idAt);
          },
        };
      },
    };
  };
}
