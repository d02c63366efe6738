import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { parseCef } from '../format/parse-cef.ts';
import { received } from '../helpers.ts';

// A case is two files: `<case>.records.ndjson` and the lines they become, `<case>.cef`. The first word of its
// name says the tag. `UPDATE_FIXTURES=1 npx vitest run test/mappings` writes the lines anew: read the diff.
const folder = join(import.meta.dirname, 'filecloud-extended');
const update = process.env.UPDATE_FIXTURES === '1';
const tags: Readonly<Record<string, string>> = { audit: 'filecloud.audit', alert: 'filecloud.alert' };

interface Case {
  readonly name: string;
  readonly tag: string;
  readonly records: readonly AuditRecord[];
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.records.ndjson'))
  .map((file) => readCase(file.slice(0, -'.records.ndjson'.length)));

const { loaded } = await load(join(folder, 'destinations.yaml'), {});
const { map, render, sets } = loaded!.destinations[0]!;
const extended = sets.filter(({ file }) => file.includes('extended'));
const own = sets.filter((set) => !extended.includes(set));

describe("FileCloud's records become these CEF lines", () => {
  test.each(cases)('$name', ({ name, tag, records }) => {
    const problems = noProblems();
    const lines = records.flatMap((record) => {
      const outcome = map(record, tag, received, problems);
      return outcome.kind === 'mapped'
        ? outcome.events.map((event) => String(render(event, problems).message))
        : [];
    });
    const text = lines.map((line) => `${line}\n`).join('');
    const file = join(folder, `${name}.cef`);
    if (update) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(lines).toHaveLength(records.length);
    expect(problems).toEqual(noProblems());
    for (const line of lines) parseCef(line);
  });
});

test('every expectation belongs to a file of records', () => {
  const expectations = readdirSync(folder).filter((file) => file.endsWith('.cef'));
  expect(expectations).toEqual(cases.map(({ name }) => `${name}.cef`));
});

test('every record of a case is taken by an extended mapping', () => {
  const left = cases.flatMap(({ tag, records }) =>
    records.filter((record) => kindOf(extended, record, tag) !== 'mapped'),
  );
  expect(left).toEqual([]);
});

describe('every mapping takes a record of some case', () => {
  const mappings = extended.flatMap((set) =>
    set.mappings.map((mapping, index) => ({ at: `${mapping.file}:${mapping.line}`, set, index })),
  );
  test.each(mappings)('$at', ({ set, index }) => {
    const isFirstFor = compileIsFirstFor(set, index);
    const takers = cases.filter(({ records, tag }) => records.some((record) => isFirstFor(record, tag)));
    expect(takers).not.toEqual([]);
  });
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
    const outcome = map({ siemArea, level: 'SYSALERT_LEVEL_MELTDOWN' }, alerts.match, received, noProblems());
    expect(outcome).toMatchObject({ kind: 'mapped', events: [{ severity: 10 }] });
  }
});

test('passwords, tokens and values of settings are not sent', () => {
  const texts = (ending: string): string[] =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  expect(texts('.records.ndjson').some((text) => text.includes('s3cret'))).toBe(true);
  expect(texts('.cef').filter((text) => text.includes('s3cret'))).toEqual([]);
});

/** Tells whether no mapping before this one takes a record, and this one does. */
function compileIsFirstFor(set: MappingSet, index: number): (record: AuditRecord, tag: string) => boolean {
  const [before, upToThis] = [index, index + 1].map((end) =>
    compileMapper([{ ...set, mappings: set.mappings.slice(0, end) }]),
  );
  return (record, tag) =>
    before!(record, tag, received, noProblems()).kind === 'unmapped' &&
    upToThis!(record, tag, received, noProblems()).kind === 'mapped';
}

function kindOf(some: readonly MappingSet[], record: AuditRecord, tag: string): string {
  return compileMapper(some)(record, tag, received, noProblems()).kind;
}

function readCase(name: string): Case {
  const lines = readFileSync(join(folder, `${name}.records.ndjson`), 'utf8').split('\n');
  const records = lines.filter((line) => line !== '').map((line) => parseJson(line) as AuditRecord);
  return { name, tag: tags[name.split('-')[0]!]!, records };
}
