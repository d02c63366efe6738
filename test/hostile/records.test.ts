import { Packr } from 'msgpackr';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { renderBody } from '../../plugin/delivery/render-body.ts';
import { destinationOf } from '../delivery/helpers.ts';
import { mapWith } from '../helpers.ts';
import { Service } from '../http/helpers.ts';

vi.setConfig({ testTimeout: 120_000 });

const now = { seconds: 1772500000, nanoseconds: 0 };

describe('more records than a body may have', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(() => service.stop());

  // 2 to 4 MB each; a dead letter or an event has 300 bytes.
  test.each([
    ['lines that are none', Buffer.from(`{"operation":"login"}\n${'x\n'.repeat(1_000_001)}`)],
    ['elements that are none', Buffer.from(`[${'1,'.repeat(1_000_000)}1]`)],
    ['entries that are none', Buffer.from('920000'.repeat(1_000_001), 'hex')],
    ['empty records', Buffer.from('920080'.repeat(1_000_001), 'hex')],
  ])('are refused, for no repeat has fewer: %s', async (_, body) => {
    const { status, json } = await service.map(body);
    expect([status, json.error]).toEqual([413, 'body_too_large']);
    expect(json.message).toContain('1000000 records');
    expect(service.delivery.messages).toEqual([]);
    expect((await service.fetch('/health')).status).toBe(200);
  });
});

test('a record whose event can not be made stands alone among the dead letters', () => {
  const { compiled } = destinationOf({ host: '127.0.0.1', port: 9 });
  const destination = {
    ...compiled,
    render: (...[event, problems]: Parameters<typeof compiled.render>) =>
      // As V8 says it of a text of more than half a gigabyte.
      event.record.user === 'ben' ? { text: 'x'.repeat(2 ** 30) } : compiled.render(event, problems),
  };
  const users = ['ana', 'ben', 'cid'].map((user) => ({ operation: 'login', user }));
  const { events, deadLetters, tally } = renderBody(
    destination,
    Buffer.from(JSON.stringify(users)),
    now,
    't',
  );
  expect([events.count, deadLetters.count]).toEqual([2, 1]);
  expect(tally).toMatchObject({ mapped: 2, deadLetters: 1 });
  expect(deadLetters.slice(0).toString()).toContain('too large or too deep');
  expect(deadLetters.slice(0).toString()).toContain('"user":"ben"');
});

test('names that grow with each level do not become longer than all memory', () => {
  const packr = new Packr({ useRecords: false });
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
  const record = { operation: 'none', ['n'.repeat(100_000)]: many };
  const passed = { format: 'newrelic', event: 'record', unmapped: 'pass' } as const;
  const { compiled } = destinationOf({ host: '127.0.0.1', port: 9 }, passed);
  const body = Buffer.concat([Buffer.from('9200', 'hex'), packr.pack(record)]);
  const { events, tally } = renderBody(compiled, body, now, 't');
  // Each of the keys behind a name of 100,000 would be 2 GB.
  expect(tally.passed).toBe(1);
  expect(events.at).toBeLessThan(2_000_000);
});

test.each([
  ['basename', 'b'],
  ['dirname', `/${'/'.repeat(1_999_998)}`],
])('a path of two million separators is %s in linear time', (name, result) => {
  const mapping = `
mappings:
  - id: '*'
    map: { eventClass: c, eventName: n, severity: 1, extension: { msg: { call: ${name}, args: [$path] } } }
`;
  const problems = noProblems();
  const path = `a${'/'.repeat(2_000_000)}b`;
  const line = mapWith(mapping, { path }, { format: 'json', problems });
  expect(JSON.parse(line).msg.slice(-result.length)).toBe(result);
});
