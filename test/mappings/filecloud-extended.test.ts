import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { received } from '../helpers.ts';
import { kindOf, readFixtures, testEveryMapping, testLines, textsIn } from './fixtures.ts';

const folder = join(import.meta.dirname, 'filecloud-extended');
const fixtures = await readFixtures(folder, join(folder, 'destinations.yaml'), (word) => `filecloud.${word}`);
const { destination, cases } = fixtures;
const extended = destination.sets.filter(({ file }) => file.includes('extended'));
const own = destination.sets.filter((set) => !extended.includes(set));

testLines(folder, fixtures);
testEveryMapping(extended, cases);

test('every record of a case is taken by an extended mapping', () => {
  const left = cases.flatMap(({ tag, records }) =>
    records.filter((record) => kindOf(extended, record, tag) !== 'mapped'),
  );
  expect(left).toEqual([]);
});

test("FileCloud's own mappings are not taken from: extended ids are others, or have a prefilter", () => {
  const audit = (some: readonly MappingSet[]) => some.filter(({ match }) => match === 'filecloud.audit');
  const taken = new Set(audit(own).flatMap(({ mappings }) => mappings.flatMap(({ ids }) => [...ids])));
  const clashes = audit(extended)
    .flatMap(({ mappings }) => mappings)
    .filter(
      ({ ids, prefilter }) => prefilter.conditions.length === 0 && [...ids].some((id) => taken.has(id)),
    );
  expect(clashes).toEqual([]);
});

test('all 15 areas have a mapping, and a meltdown is 10 in each', () => {
  const alerts = extended.find(({ match }) => match === 'filecloud.alert')!;
  const areas = new Set(alerts.mappings.flatMap(({ ids }) => [...ids]));
  expect(areas.size).toBe(15);
  for (const siemArea of areas) {
    const outcome = destination.map(
      { siemArea, level: 'SYSALERT_LEVEL_MELTDOWN' },
      alerts.match,
      received,
      noProblems(),
    );
    expect(outcome).toMatchObject({ kind: 'mapped', events: [{ severity: 10 }] });
  }
});

test('passwords, tokens and values of settings are not sent', () => {
  expect(textsIn(folder, '.records.ndjson').some((text) => text.includes('s3cret'))).toBe(true);
  expect(textsIn(folder, '.cef').filter((text) => text.includes('s3cret'))).toEqual([]);
});
