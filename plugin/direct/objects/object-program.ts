import type { EventBuffer } from '../../fluent/event-buffer.ts';
import {
  type Image,
  lineEnd,
  memory,
  objectSize,
  placeWords,
  scratchSize,
  scratchStart,
  writeObject,
} from '../assembly.ts';
import { putSource } from '../layout.ts';
import { lines, otherHead, Program, type ProgramNeeds } from '../program.ts';
import type { RecordScan } from '../record-scan.ts';
import type { Step, ValueStep, Writing } from '../shapes/step.ts';
import { type Part, partOf, partOfKey, partOfPairs, partOfText, wordsOfPart } from './part.ts';
import { firstOfTag, wholeTag } from './tag-place.ts';

/** What an object program is made of. */
export interface ObjectParts extends ProgramNeeds {
  readonly steps: readonly Step[];
  /** Most bytes of JSON text. */
  readonly limit: number;
  /** Of what stands in a text, for each byte what it needs. */
  readonly care: Uint8Array;
}

/** What depends on an event's class, name and severity: as many parts as steps ask for. */
export type ObjectHead = readonly Part[];

const mostParts = 3;
const wordsOfHead = 2 + mostParts * 4;

/** As assembly/object.ts has them. */
const stepCodes: Readonly<Record<Step['kind'], number>> = {
  open: 0,
  close: 1,
  piece: 2,
  head: 3,
  value: 4,
  id: 5,
  isoTime: 6,
  milliseconds: 7,
  seconds: 8,
  decimalTime: 9,
  tag: 10,
  openText: 11,
  closeText: 12,
  linePairs: 13,
  extra: 14,
  record: 15,
  refuse: 16,
};
const writings: Readonly<Record<Writing, number>> = {
  value: 0,
  text: 1,
  attribute: 2,
  int: 3,
  long: 4,
  real: 5,
  datetime: 6,
};
const mostBytes = 0x7fffffff;

/** Writes the objects of a mapping: see assembly/object.ts. */
export class ObjectProgram extends Program {
  /** @throws ImageFull */
  constructor(parts: ObjectParts, image: Image) {
    const { steps, limit, care } = parts;
    const words = steps.flatMap((_, index) => wordsOf(steps, index, image));
    const fields = [steps.length, image.shareWords(words), limit, image.share(care)];
    super('object', parts, wordsOfHead, fields, image);
  }

  /** Makes a head known, for the events of records with the same text where it depends on one. */
  know(text: Uint8Array, head: ObjectHead): void {
    this.knowHead(text, head, (image) =>
      allParts(head).flatMap((part) => wordsOfPart(part, image.put(part.bytes))),
    );
  }

  /** Where a head is; one that is not known is put where one is read from. @returns 0 when it is too long */
  placeHead(head: ObjectHead): number {
    return this.addressOf(head) ?? placeOther(head);
  }

  /**
   * Adds an event.
   *
   * @param headAt address of its head
   * @param entryTime address of the entry's EventTime
   * @param recordAt address of the record
   * @param idAt address of the record's id, or 0
   * @returns false when it takes decoded values to tell how
   */
  write(
    out: EventBuffer,
    scan: RecordScan,
    headAt: number,
    eventTime: number,
    entryTime: number,
    recordAt: number,
    idAt: number,
  ): boolean {
    const table = scan.keys.address;
    const write = (target: number): number =>
      writeObject(this.address, headAt, table, eventTime, entryTime, recordAt, idAt, target, lineEnd);
    return lines.add(out, write, objectSize);
  }
}

function placeOther(head: ObjectHead): number {
  const words = [0, 0];
  let at = scratchStart;
  for (const part of allParts(head)) {
    if (at + part.bytes.length > scratchStart + scratchSize - 80) return 0;
    memory.set(part.bytes, at);
    words.push(...wordsOfPart(part, at));
    at += part.bytes.length;
  }
  placeWords(otherHead, words);
  return otherHead;
}

const noPart = partOfText('');

function allParts(head: ObjectHead): Part[] {
  return Array.from({ length: mostParts }, (_, index) => head[index] ?? noPart);
}

/** Words of a step that are not 0. */
interface StepWords {
  readonly before?: Part;
  readonly slot?: number;
  readonly source?: number;
  readonly constant?: Part | undefined;
  /** Where no constant is. */
  readonly constantAt?: number;
  readonly of?: number;
  readonly as?: number;
  readonly skip?: number;
  readonly count?: number;
  readonly isOptional?: boolean;
}

/** As assembly/object.ts has a step. */
function wordsOf(steps: readonly Step[], index: number, image: Image): number[] {
  const step = steps[index]!;
  const words = partsOf(step, steps, index, image);
  const { before = noPart, slot = -1, source = 0, constant } = words;
  const { of = -1, as = 0, skip = 0, count = 0, isOptional = false } = words;
  return [
    ...[stepCodes[step.kind], image.share(before.bytes), before.bytes.length, before.size],
    ...[slot, source],
    ...(constant
      ? [image.share(constant.bytes), constant.bytes.length, constant.size]
      : [words.constantAt ?? 0, 0, 0]),
    ...[of, as, skip, count, isOptional ? 1 : 0],
  ];
}

function partsOf(step: Step, steps: readonly Step[], index: number, image: Image): StepWords {
  switch (step.kind) {
    case 'value':
    case 'id':
    case 'extra':
      return wordsOfValue(step, steps, image);
    case 'open': {
      const before = step.key === undefined ? noPart : partOfKey(step.key);
      return { before, count: mostPairs(steps, index) < 16 ? 1 : 3 };
    }
    case 'close':
      return { isOptional: step.isOptional ?? false };
    case 'piece': {
      const before = partOfPairs(step.fields);
      return { before, count: before.count };
    }
    case 'head':
      return { count: step.part };
    case 'isoTime':
    case 'milliseconds':
    case 'seconds':
    case 'openText':
      return { before: partOfKey(step.key) };
    case 'tag':
      return { before: partOfKey(step.key), constantAt: step.isFirst ? firstOfTag : wholeTag };
    case 'closeText':
      return { count: step.longest };
    case 'linePairs':
      return { source: step.program.address };
    case 'refuse':
      return { slot: step.slot };
    case 'decimalTime':
    case 'record':
      return {};
  }
}

function wordsOfValue(step: ValueStep, steps: readonly Step[], image: Image): StepWords {
  const { kind, key, source, computed, as, constant, of, skip = 0, longest = mostBytes } = step;
  const isExtra = kind === 'extra';
  return {
    before: isExtra ? partOfText(`${key}=`) : partOfKey(key),
    slot: computed?.slot ?? source.slot,
    source: putSource(source, image),
    constant:
      constant === undefined ? undefined : isExtra ? partOfText(constant as string) : partOf(constant),
    of: of === undefined ? -1 : steps.findIndex((one) => 'name' in one && one.name === of),
    as: writings[as],
    skip,
    count: longest,
  };
}

/** Pairs that the object may have which is opened there. */
function mostPairs(steps: readonly Step[], opened: number): number {
  let depth = 0;
  let pairs = 0;
  for (const step of steps.slice(opened + 1)) {
    if (step.kind === 'close' && depth-- === 0) break;
    if (depth === 0) pairs += pairsOf(step);
    if (step.kind === 'open') depth++;
  }
  return pairs;
}

function pairsOf(step: Step): number {
  if (step.kind === 'head') return step.most;
  if (step.kind === 'piece') return Object.keys(step.fields).length;
  return step.kind === 'record' ? Number.POSITIVE_INFINITY : 1;
}
