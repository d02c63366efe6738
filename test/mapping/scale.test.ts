import { describe, expect, test } from 'vitest';
import { tableById } from '../../plugin/compile/mapper.ts';
import { checkMeaning } from '../../plugin/mapping/check.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import type { Mapping, MappingSet } from '../../plugin/mapping/model.ts';
import { nearest } from '../../plugin/mapping/suggest.ts';
import { YamlSource } from '../../plugin/mapping/yaml-source.ts';

// A mapping file of tens of thousands of keys or maps is read in time by its length, not by its length's square.

const count = 20_000;
const numbers = [...Array(count).keys()];
const above = `mappings:
  - id: a
    map:
      eventClass: c
      eventName: n
      severity: 1
      extension:
`;

test('one large file takes as long as the same in a hundred small ones', () => {
  const read = (some: readonly number[]): void => {
    const keys = some.map((number) => `        k${number.toString(36)}: $a\n`);
    const set = readMappingFile('map.yaml', above + keys.join(''), new Diagnostics());
    expect(set!.mappings[0]!.extension).toHaveLength(some.length);
  };
  const size = count / 100;
  const apart = cpuOf(() => {
    for (let at = 0; at < count; at += size) read(numbers.slice(at, at + size));
  });
  // By the square it was ten times as long.
  expect(cpuOf(() => read(numbers))).toBeLessThan(3 * apart + 500);
});

/** Milliseconds of CPU, which others that are at work do not add to. */
function cpuOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

describe('how often the ids of mappings are looked at', () => {
  let looks = 0;
  const mapping = (ids: Mapping['ids'], condition: boolean): Mapping =>
    ({
      get ids() {
        looks++;
        return ids;
      },
      prefilter: { exclude: false, conditions: condition ? [{}] : [] },
      extension: [],
    }) as unknown as Mapping;
  const all: Record<string, () => Mapping[]> = {
    'an id each': () => numbers.map((number) => mapping([`op${number}`], false)),
    'one id, by prefilters': () => numbers.map(() => mapping(['a'], true)),
    'an id of its own and one of all': () => numbers.map((number) => mapping(['a', `op${number}`], false)),
  };
  test.each(Object.entries(all))('%s', (_, make) => {
    looks = 0;
    const source = new YamlSource('map.yaml', 'mappings: []', new Diagnostics());
    checkMeaning(source, { mode: 'first', mappings: make() } as unknown as MappingSet);
    tableById(make(), (one) => one);
    expect(looks).toBeLessThan(10 * count);
  });
});

test('a word is compared with those of about its length', () => {
  let compared = 0;
  const words = ['a'.repeat(100), 'abcdef', 'b'.repeat(100_000)].map(
    (word) =>
      ({
        length: word.length,
        toLowerCase: () => {
          compared++;
          return word;
        },
      }) as string,
  );
  expect(nearest('abcdfe', words)).toBeDefined();
  expect(compared).toBe(1);
});
