import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { noProblems } from '../../plugin/compile/event.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { Loop, type LoopOptions } from './loop.ts';

const audit = linesOf(join(packageRoot, 'mappings', 'examples', 'filecloud-audit.ndjson'));
const alerts = linesOf(join(packageRoot, 'test', 'data', 'filecloud-system-alerts.ndjson'));
const filescom = linesOf(join(packageRoot, 'test', 'data', 'filescom.ndjson')).map(
  (line) => parseJson(line) as { log_type: string; record: Record<string, unknown> },
);

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

/** What a destination's events should be, computed without any Fluent Bit; as JSON would carry them. */
async function expected(config: string, tag: string, lines: readonly string[]): Promise<unknown[]> {
  const { map, render } = (await load(config)).loaded!.destinations[0]!;
  return lines.flatMap((line) => {
    const problems = noProblems();
    const outcome = map(parseJson(line) as Record<string, unknown>, tag, 0, problems);
    const events = outcome.kind === 'mapped' ? outcome.events : [];
    return events.map((event) => parseJson(toJsonText(render(event, problems))));
  });
}

/** In an order of their own, so that two lists can be compared: Fluent Bit promises none. */
function sorted(values: readonly unknown[]): unknown[] {
  return values
    .map((value) => [toJsonText(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
}

/** Records without a time of their own get Fluent Bit's: what that is, nobody can know beforehand. */
function withoutTime(envelope: unknown): unknown {
  const { time: _, ...rest } = envelope as Record<string, unknown>;
  return rest;
}

describe('what arrives through two real Fluent Bits is what the mapping says', { timeout: 120_000 }, () => {
  let loop: Loop;

  async function start(options: LoopOptions = {}): Promise<void> {
    loop = new Loop(options);
    await loop.start();
  }

  afterEach(async () => {
    await loop.stop();
  }, 60_000);

  test("FileCloud's sample records and alerts, to the letter, as Splunk events", async () => {
    await start();
    const shipped = join(packageRoot, 'mappings', 'destinations.yaml');
    const wanted = [
      ...(await expected(shipped, 'filecloud.audit', audit)),
      ...(await expected(shipped, 'filecloud.alert', alerts)),
    ];
    loop.feed(audit);
    loop.feed(alerts, 'system-alerts');
    await until(() => loop.received.length >= wanted.length, 60_000);
    await loop.settle();
    expect(sorted(loop.received.map(withoutTime))).toEqual(sorted(wanted.map(withoutTime)));
    // Times too, where the record has one.
    const timed = (envelope: unknown): boolean => toJsonText(envelope).includes('"recordId"');
    expect(sorted(loop.received.filter(timed))).toEqual(sorted(wanted.filter(timed)));
  });

  test('as CEF lines through outputs/generic-http.conf', async () => {
    const receiver = new JsonReceiver('Bearer e2e-0c5a');
    await receiver.listen();
    try {
      const config = configFile('generic: { format: cef, mappings: [FILECLOUD/audit.yaml] }');
      await start({
        destinations: config,
        stanza: 'generic-http',
        destination: 'generic',
        environment: {
          SIEM_HTTP_HOST: '127.0.0.1',
          SIEM_HTTP_PORT: String(receiver.port),
          SIEM_HTTP_URI: '/in',
          SIEM_HTTP_AUTHORIZATION: 'Bearer e2e-0c5a',
        },
      });
      const wanted = (await expected(config, 'filecloud.audit', audit)) as { message: string }[];
      loop.feed(audit);
      await until(() => receiver.records.length >= wanted.length, 60_000);
      const body = ({ message }: { message: string }): string => message.replace(/ ?\brt=\d+/, '');
      expect(receiver.records.map((record) => body(record as { message: string })).sort()).toEqual(
        wanted.map(body).sort(),
      );
      expect(receiver.statuses.every((status) => status === 200)).toBe(true);
    } finally {
      await receiver.close();
    }
  });

  test("Files.com's logs posted to inputs/filescom.conf keep their tag", async () => {
    await start({
      destinations: configFile(
        'splunk: { format: splunk-hec, unmapped: pass, mappings: [{ file: FILECLOUD/system-alerts.yaml }] }',
      ),
      collector: '@INCLUDE inputs/filescom.conf\n@INCLUDE outputs/map.conf\n',
    });
    for (const { log_type, record } of filescom) {
      const response = await fetch(`http://127.0.0.1:${loop.inputPort}/filescom.${log_type}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: toJsonText([record]),
      });
      expect(response.status).toBe(201);
    }
    await until(() => loop.received.length >= filescom.length, 60_000);
    const arrived = loop.received.map(({ source, event }) => ({
      log_type: String(source).replace('filescom.', ''),
      record: event,
    }));
    expect(sorted(arrived)).toEqual(sorted(filescom));
  });

  test('a line that is no record becomes a dead letter in a file, and its neighbours arrive', async () => {
    await start();
    const body = [audit[0], '{"recordId": "broken', audit[1]].join('\n');
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
      reason: `the line at byte ${Buffer.byteLength(`${audit[0]}\n`)} is no JSON object`,
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
