import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { received } from '../helpers.ts';

// A case is two files: `<case>.records.ndjson` and the lines they become, `<case>.cef`. The first word of its
// name says the tag. `UPDATE_FIXTURES=1 npx vitest run test/mappings` writes the lines anew: read the diff.
const folder = join(import.meta.dirname, 'filecloud');
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

const { loaded } = await load(join(packageRoot, 'mappings', 'examples', 'cef.yaml'), {});
const { map, render, sets } = loaded!.destinations[0]!;

describe("FileCloud's records become these CEF lines", () => {
  test.each(cases)('$name', ({ name, tag, records }) => {
    const problems = noProblems();
    const lines = records.flatMap((record) => {
      const outcome = map(record, tag, received, problems);
      return outcome.kind === 'mapped' ? outcome.events.map((event) => render(event, problems).message) : [];
    });
    const text = lines.map((line) => `${line}\n`).join('');
    const file = join(folder, `${name}.cef`);
    if (update) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(problems).toEqual(noProblems());
  });
});

test('every expectation belongs to a file of records', () => {
  const expectations = readdirSync(folder).filter((file) => file.endsWith('.cef'));
  expect(expectations).toEqual(cases.map(({ name }) => `${name}.cef`));
});

describe('every mapping takes a record of some case', () => {
  const mappings = sets.flatMap((set) =>
    set.mappings.map((mapping, index) => ({ at: `${mapping.file}:${mapping.line}`, set, index })),
  );
  test.each(mappings)('$at', ({ set, index }) => {
    const takers = cases.filter((one) =>
      one.records.some((record) => isFirstFor(set, index, record, one.tag)),
    );
    expect(takers).not.toEqual([]);
  });
});

/** Whether no mapping before this one takes the record, and this one does. */
function isFirstFor(set: MappingSet, index: number, record: AuditRecord, tag: string): boolean {
  const [before, upToThis] = [index, index + 1].map((end) => {
    const mapper = compileMapper([{ ...set, mappings: set.mappings.slice(0, end) }]);
    return mapper(record, tag, received, noProblems()).kind;
  });
  return before === 'unmapped' && upToThis === 'mapped';
}

function readCase(name: string): Case {
  const lines = readFileSync(join(folder, `${name}.records.ndjson`), 'utf8').split('\n');
  const records = lines.filter((line) => line !== '').map((line) => parseJson(line) as AuditRecord);
  return { name, tag: tags[name.split('-')[0]!]!, records };
}
