import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pauses } from '../../plugin/delivery/pauses.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  file = join(folder, 'state', 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const problems: string[] = [];
const open = () => {
  problems.length = 0;
  return Pauses.open(file, (reason) => problems.push(reason));
};
const pause = { by: 'ana', since: '2026-11-22T12:00:00.000Z' };

test('what is paused is still so after a restart, by whom and since when', async () => {
  const pauses = await open();
  await Promise.all([pauses.pause('splunk', pause), pauses.pause('datadog', { ...pause, by: 'ben' })]);
  await pauses.pause('splunk', { by: 'someone later', since: 'later' });
  const again = await open();
  expect([again.get('splunk'), again.get('datadog')?.by]).toEqual([pause, 'ben']);
  await again.resume('splunk');
  await again.resume('nothing');
  expect((await open()).get('splunk')).toBeUndefined();
  expect((await open()).get('datadog')).toBeDefined();
  expect(problems).toEqual([]);
  expect(readdirSync(join(folder, 'state'))).toEqual(['state.json']);
});

test('a file that can not be written changes nothing', async () => {
  const pauses = await open();
  await pauses.pause('splunk', pause);
  rmSync(join(folder, 'state'), { recursive: true });
  writeFileSync(join(folder, 'state'), 'a file where a folder should be');
  await expect(pauses.resume('splunk')).rejects.toThrow();
  expect(pauses.get('splunk')).toEqual(pause);
  await expect(pauses.pause('other', pause)).rejects.toThrow();
  expect(pauses.get('other')).toBeUndefined();
});

describe('a file that is no state of ours', () => {
  test.each(['', '{', 'null', '[]', '{"paused":{"a":1}}', '{"paused":{"a":null}}', '\0\0'])(
    '%j',
    async (text) => {
      await (await open()).pause('splunk', pause);
      writeFileSync(file, text);
      const pauses = await open();
      expect(problems).toHaveLength(1);
      expect(pauses.get('splunk')).toBeUndefined();
      expect(readFileSync(`${file}.unreadable`, 'utf8')).toBe(text);
      await pauses.pause('splunk', pause);
      expect((await open()).get('splunk')).toEqual(pause);
    },
  );
});
