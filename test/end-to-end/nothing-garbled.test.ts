import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { toJsonText } from '../../plugin/mapping/json.ts';
import { alerts, audit, expected, filescom, sorted } from './samples.ts';
import { SplunkLoop } from './splunk-loop.ts';

const linesOf = (samples: typeof audit): string[] => samples.map(({ line }) => line);

/** Records without a time of their own get Fluent Bit's: what that is, nobody can know beforehand. */
function withoutTime(envelope: unknown): unknown {
  const { time: _, ...rest } = envelope as Record<string, unknown>;
  return rest;
}

describe('what arrives through two real Fluent Bits is what the mapping says', { timeout: 120_000 }, () => {
  let loop: SplunkLoop;

  async function start(options?: ConstructorParameters<typeof SplunkLoop>[0]): Promise<void> {
    loop = new SplunkLoop(options);
    await loop.start();
  }

  afterEach(async () => {
    await loop.stop();
  }, 60_000);

  test("FileCloud's sample records and alerts, to the letter, as Splunk events", async () => {
    await start();
    const { loaded } = await load(join(packageRoot, 'mappings', 'destinations.yaml'));
    const wanted = expected(loaded!.destinations[0]!, [...audit, ...alerts]);
    loop.feed(linesOf(audit));
    loop.feed(linesOf(alerts), 'system-alerts');
    await until(() => loop.received.length >= wanted.length, 60_000);
    await loop.settle();
    expect(sorted(loop.received.map(withoutTime))).toEqual(sorted(wanted.map(withoutTime)));
    // Times too, where the record has one.
    const timed = (envelope: unknown): boolean => toJsonText(envelope).includes('"recordId"');
    expect(sorted(loop.received.filter(timed))).toEqual(sorted(wanted.filter(timed)));
  });

  test("Files.com's logs posted to inputs/filescom.conf keep their tag", async () => {
    await start({
      destinations: configFile(
        'splunk: { format: splunk-hec, unmapped: pass, mappings: [{ file: FILECLOUD/system-alerts.yaml }] }',
      ),
      collector: '@INCLUDE inputs/filescom.conf\n@INCLUDE outputs/map.conf\n',
    });
    for (const { tag, line } of filescom) expect((await loop.post(tag, line)).status).toBe(201);
    await until(() => loop.received.length >= filescom.length, 60_000);
    const arrived = loop.received.map(({ source, event }) => ({ tag: source, record: event }));
    expect(sorted(arrived)).toEqual(sorted(filescom.map(({ tag, record }) => ({ tag, record }))));
  });

  test('a line that is no record becomes a dead letter in a file, and its neighbours arrive', async () => {
    await start();
    const [first, second] = linesOf(audit);
    const body = [first, '{"recordId": "broken', second].join('\n');
    const answer = await fetch(`${loop.url}/map/splunk?tag=filecloud.audit`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ records: 3, events: 2, deadLetters: 1 });
    await loop.arrive(2);
    const file = join(loop.folder, 'var', 'dead-letters', 'dead-letters.ndjson');
    expect(await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 30_000)).toBe(
      true,
    );
    const letter = JSON.parse(readFileSync(file, 'utf8'));
    expect(letter).toMatchObject({
      destination: 'splunk',
      tag: 'filecloud.audit',
      record: '{"recordId": "broken',
      reason: `the line at byte ${Buffer.byteLength(`${first}\n`)} is no JSON object`,
    });
  });

  /** A destinations.yaml in a folder of its own; FILECLOUD stands for the shipped mappings. */
  function configFile(destination: string): string {
    const path = join(mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-')), 'destinations.yaml');
    writeFileSync(
      path,
      `destinations:\n  ${destination.replaceAll('FILECLOUD', join(packageRoot, 'mappings', 'filecloud'))}\n`,
    );
    return path;
  }
});
