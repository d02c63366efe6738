import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LoadedDestination, load } from '../../plugin/cli/load.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { parseCef } from '../format/parse-cef.ts';
import { received } from '../helpers.ts';

/** A pair of files: `<name>.records.ndjson` and the lines they become, `<name>.cef`. */
export interface Case {
  readonly name: string;
  readonly tag: string;
  readonly records: readonly AuditRecord[];
}

export interface Fixtures {
  readonly destination: LoadedDestination;
  readonly cases: readonly Case[];
}

/**
 * Reads a folder of fixture pairs and the destinations.yaml whose first destination renders them.
 *
 * @param tagOf the tag of a case, by the first word of its name
 */
export async function readFixtures(
  folder: string,
  config: string,
  tagOf: (word: string) => string,
): Promise<Fixtures> {
  const { loaded } = await load(config, {});
  const ending = '.records.ndjson';
  const names = readdirSync(folder).flatMap((file) =>
    file.endsWith(ending) ? [file.slice(0, -ending.length)] : [],
  );
  const cases = names.map((name) => {
    const lines = readFileSync(join(folder, name + ending), 'utf8')
      .split('\n')
      .filter(Boolean);
    const records = lines.map((line) => parseJson(line) as AuditRecord);
    return { name, tag: tagOf(name.split('-')[0]!), records };
  });
  return { destination: loaded!.destinations[0]!, cases };
}

/**
 * Tests that every case gives its lines and is CEF. `UPDATE_FIXTURES=1 npx vitest run test/mappings` writes
 * the lines anew: read the diff.
 */
export function testLines(folder: string, { destination, cases }: Fixtures): void {
  describe('records become these CEF lines', () => {
    test.each(cases)('$name', ({ name, tag, records }) => {
      const problems = noProblems();
      const lines = records.flatMap((record) => {
        const outcome = destination.map(record, tag, received, problems);
        const events = outcome.kind === 'mapped' ? outcome.events : [];
        return events.map((event) => String(destination.render(event, problems).message));
      });
      const text = lines.map((line) => `${line}\n`).join('');
      const file = join(folder, `${name}.cef`);
      if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, text);
      expect(text).toBe(readFileSync(file, 'utf8'));
      expect(problems).toMatchObject({ failedValues: 0, clampedSeverities: 0 });
      for (const line of lines) parseCef(line);
    });
  });

  test('every expectation belongs to a file of records', () => {
    const expectations = readdirSync(folder).filter((file) => file.endsWith('.cef'));
    expect(expectations).toEqual(cases.map(({ name }) => `${name}.cef`));
  });
}

/** Tests that every mapping of some files takes a record of some case that none before it takes. */
export function testEveryMapping(sets: readonly MappingSet[], cases: readonly Case[]): void {
  describe('every mapping takes a record of some case', () => {
    const mappings = sets.flatMap((set) =>
      set.mappings.map((mapping, index) => ({ at: `${mapping.file}:${mapping.line}`, set, index })),
    );
    test.each(mappings)('$at', ({ set, index }) => {
      const before = { ...set, mappings: set.mappings.slice(0, index) };
      const upToThis = { ...set, mappings: set.mappings.slice(0, index + 1) };
      const takers = cases.filter(({ records, tag }) =>
        records.some(
          (record) =>
            kindOf([before], record, tag) === 'unmapped' && kindOf([upToThis], record, tag) === 'mapped',
        ),
      );
      expect(takers).not.toEqual([]);
    });
  });
}

/** What becomes of a record with some files alone. */
export function kindOf(sets: readonly MappingSet[], record: AuditRecord, tag: string): string {
  return compileMapper(sets)(record, tag, received, noProblems()).kind;
}

/** The contents of a folder's files with an ending. */
export function textsIn(folder: string, ending: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending));
  return files.map((file) => readFileSync(join(folder, file), 'utf8'));
}
