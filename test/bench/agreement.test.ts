import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCef } from './agreement.ts';
import { eventsIn } from './forward-receiver.ts';
import { mapByHand } from './hand-written.ts';
import { chunksOf, scenarios, tag, writeConfiguration } from './scenarios.ts';
import { loadServicePath } from './service-path.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesIn = (messages: readonly Buffer[]): unknown[] =>
  messages.flatMap((message) => eventsIn(message).map(([, { message: line }]) => line));

test('the function written by hand and the service give the same lines, in messages of 100', async () => {
  const mix = scenarios.find(({ name }) => name === 'mix')!;
  const messages: Buffer[] = [];
  const path = await loadServicePath(writeConfiguration(folder, mix), (message) => {
    messages.push(Buffer.concat(message));
  });
  for (const { bytes, records } of chunksOf(mix).slice(0, 3)) {
    messages.length = 0;
    expect(await path(bytes, tag)).toBe(records);
    const byHand = mapByHand(bytes);
    expect(linesIn(byHand)).toEqual(linesIn(messages));
    expect(byHand.every((message) => eventsIn(message).length === 100)).toBe(true);
  }
});

test.each(scenarios)(
  '$name: the service gives events for it, or none where none are meant',
  async (scenario) => {
    const path = await loadServicePath(writeConfiguration(join(folder, scenario.name), scenario));
    const [chunk] = chunksOf({ ...scenario, size: { records: 200 } });
    expect(await path(chunk!.bytes, tag)).toBe(scenario.name === 'no-match' ? 0 : 200);
  },
);

describe('a CEF line as what it says', () => {
  const line = 'CEF:0|a|b|c|x\\|y|n|2|rt=1 msg=a\\=b c\\\\d\\ne cs1={"k\\=":"v"} src=1.2.3.4';

  test('is its header and its pairs, unescaped', () => {
    expect(readCef(line)).toEqual({
      header: 'CEF:0|a|b|c|x\\|y|n|2|',
      pairs: { rt: '1', msg: 'a=b c\\d\ne', cs1: { 'k=': 'v' }, src: '1.2.3.4' },
    });
  });

  test('is the same in another order, and not with another value', () => {
    const other = 'CEF:0|a|b|c|x\\|y|n|2|src=1.2.3.4 cs1={"k\\=":"v"} rt=1 msg=a\\=b c\\\\d\\ne';
    expect(JSON.stringify(readCef(other))).toBe(JSON.stringify(readCef(line)));
    expect(JSON.stringify(readCef(other.replace('rt=1', 'rt=2')))).not.toBe(JSON.stringify(readCef(line)));
  });
});
