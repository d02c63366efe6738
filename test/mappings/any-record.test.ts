import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { toJsonText } from '../../plugin/mapping/json.ts';
import { anyKey, anyText } from '../format/arbitraries.ts';
import { parseCef } from '../format/parse-cef.ts';
import { packAndUnpack } from '../format/unpack-event.ts';
import { destination, received } from '../helpers.ts';

// No record may make the service fail: records of strangers go through the shipped maps into every format.
const { loaded } = await load(join(packageRoot, 'mappings', 'examples', 'cef.yaml'), {});
const { map, sets } = loaded!.destinations[0]!;
const renderers = [...formats.values()].map(({ name, compile }) => ({
  name,
  render: compile(destination(name)),
}));

/** Lists and objects in each other, so many. */
const nested = (depth: number): unknown => {
  let value: unknown = 'end';
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { '': value };
  return value;
};

/** The properties the shipped maps read, and the ids they look for. */
const properties = [
  ...new Set(sets.flatMap((set) => JSON.stringify(set).match(/(?<="segments":\[")[^"]+/g) ?? [])),
];
const ids = sets.flatMap((set) => set.mappings.flatMap(({ ids }) => (ids === '*' ? [] : ids)));

const leaf = fc.oneof(
  anyText(),
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.boolean(),
  fc.constantFrom(
    null,
    undefined,
    Number.NaN,
    -0,
    new Date(Number.NaN),
    'x'.repeat(1_000_000),
    '\\'.repeat(5000),
  ),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 20 }),
  fc.nat(1500).map(nested),
  fc.nat(20_000).map((depth) => '['.repeat(depth)),
  fc.json(),
);

/** Own properties, whatever their names: `{ [key]: value }` would set the prototype for `__proto__`. */
const objectOf = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc.array(fc.tuple(anyKey, values), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs));

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('object'), fc.array(tie('value'), { maxLength: 4 })),
  object: objectOf(tie('value')),
}));

const anyRecord: fc.Arbitrary<AuditRecord> = fc
  .tuple(
    fc.record(
      {
        operation: fc.oneof(fc.constantFrom(...ids), anyValue),
        siemArea: fc.oneof(fc.constantFrom(...ids), anyValue),
        level: fc.oneof(fc.constantFrom('SYSALERT_LEVEL_MELTDOWN', 'SYSALERT_LEVEL_WARNING'), anyValue),
        request: fc.dictionary(fc.constantFrom('filename', 'path', 'userid', 'profile', 'op'), anyValue),
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom(...properties), anyValue),
    objectOf(anyValue),
  )
  .map(([known, read, other]) => ({ ...other, ...read, ...known }));

const anyTag = fc.oneof(fc.constantFrom('filecloud.audit', 'filecloud.alert', ''), anyText());

describe.each(renderers)('any record in $name', ({ name, render }) => {
  test('is mapped, rendered and packed without an error, to one line', () => {
    fc.assert(
      fc.property(anyRecord, anyTag, (record, tag) => {
        const problems = noProblems();
        const outcome = map(record, tag, received, problems);
        for (const event of outcome.kind === 'mapped' ? outcome.events : []) {
          const outgoing = render(event, problems);
          if (name === 'cef') parseCef(String(outgoing.message));
          expect(toJsonText(outgoing)).not.toContain('\n');
          expect(packAndUnpack(outgoing).size).toBe(Object.keys(outgoing).length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each<[what: string, record: string]>([
    ['toJSON and constructor', '{"notes":{"constructor":1,"toJSON":1}}'],
    ['toJSON and constructor in a list', '{"notes":[{"constructor":{},"toJSON":"x"}]}'],
    ['__proto__', '{"notes":{"__proto__":{"toJSON":1,"constructor":1}}}'],
    ['hasOwnProperty', '{"notes":{"hasOwnProperty":1,"a":2},"hasOwnProperty":3}'],
    ['keys of functions', '{"notes":{"then":1,"valueOf":2,"toString":3,"length":-1}}'],
  ])('keys that mean something to JavaScript do no harm: %s', (_, text) => {
    const record = { operation: 'any', ...(JSON.parse(text) as object) };
    const outcome = map(record, 'filecloud.audit', received, noProblems());
    if (outcome.kind !== 'mapped') throw new Error('not mapped');
    expect(packAndUnpack(render(outcome.events[0]!, noProblems())).size).toBeGreaterThan(0);
  });

  test.each<[what: string, notes: unknown]>([
    ['1,000 levels', nested(1000)],
    ['100,000 levels', nested(100_000)],
    ['1 MB of text', '\\'.repeat(1_000_000)],
    ['1 MB of JSON text that never ends', '[{"a":'.repeat(170_000)],
  ])('%s do no harm', (_, notes) => {
    const outcome = map({ operation: 'any', notes }, 'filecloud.audit', received, noProblems());
    if (outcome.kind !== 'mapped') throw new Error('not mapped');
    const outgoing = render(outcome.events[0]!, noProblems());
    expect(packAndUnpack(outgoing).size).toBeGreaterThan(0);
    if (name === 'cef') parseCef(String(outgoing.message));
  });
});
