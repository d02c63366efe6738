import { describe, expect, test } from 'vitest';
import { readSettings } from '../../plugin/mapping/destinations.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { firstLines, secretsOf } from '../helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';

const { cert, key } = makeCertificate();
const other = makeCertificate();

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

function read(deliver: string, format = 'json', environment: Record<string, string> = {}) {
  const diagnostics = new Diagnostics();
  const text = `destinations:\n  a: { mappings: [x], format: ${format}, deliver: ${deliver} }\n`;
  const context = {
    secrets: secretsOf(environment, { 'ca.pem': cert, 'key.pem': key, 'other.pem': other.key }),
    version: '',
    hostname: '',
  };
  const result = readSettings('d.yaml', text, diagnostics, context);
  const printed = diagnostics.all.map((one) => JSON.stringify(one)).join('\n');
  return { deliver: result?.settings.destinations[0]?.deliver, findings: firstLines(diagnostics), printed };
}

describe('the gate', () => {
  test('has a default for everything but the address', () => {
    expect(read("{ to: 'https://siem/in' }").deliver).toEqual({
      to: 'https://siem/in',
      headers: {},
      body: 'array',
      compress: true,
      timeout: 30_000,
      connections: 4,
      retry: { every: minute, for: 5 * minute, later: 15 * minute },
      retention: 7 * day,
      oldestEvent: undefined,
      newestEvent: undefined,
      whenOlder: 'restamp',
      tls: {},
      oauth2: undefined,
    });
  });
  test('is what the destination says', () => {
    const { deliver } = read(
      `{ to: 'https://siem/in', headers: { X-Key: 'Bearer \${TOKEN}' }, body: lines, compress: false, timeout: 5s,
         connections: 9, retry: { every: 1s, for: 5s, then: 3s }, retention: 1d, oldest_event: 1h, newest_event: 1m,
         when_older: dead-letter, tls: { ca: '\${file:ca.pem}', cert: '\${file:ca.pem}', key: '\${file:key.pem}' },
         oauth2: { token_url: 'https://login/t', client_id: i, client_secret: '\${SECRET}', scope: s } }`,
      'datadog',
      { TOKEN: 't1', SECRET: 's1' },
    );
    expect(deliver).toEqual({
      to: 'https://siem/in',
      headers: { 'X-Key': 'Bearer t1' },
      body: 'lines',
      compress: false,
      timeout: 5000,
      connections: 9,
      retry: { every: 1000, for: 5000, later: 3000 },
      retention: day,
      oldestEvent: hour,
      newestEvent: minute,
      whenOlder: 'dead-letter',
      tls: { ca: cert, cert, key },
      oauth2: { tokenUrl: 'https://login/t', clientId: 'i', clientSecret: 's1', scope: 's' },
    });
  });
  test.each([
    ['splunk-hec', 'lines', undefined, undefined],
    ['sentinel', 'array', undefined, undefined],
    ['sumo', 'lines', 365 * day, 2 * day],
    ['datadog', 'array', 18 * hour, 2 * hour],
    ['newrelic', 'array', 2 * day, undefined],
    ['cef', 'lines', undefined, undefined],
  ])("%s has its provider's body and times", (format, body, oldestEvent, newestEvent) => {
    expect(read("{ to: 'https://x/' }", format).deliver).toMatchObject({ body, oldestEvent, newestEvent });
  });
  test.each(['http://127.0.0.1:8088/x', 'http://localhost/x', 'http://[::1]:1/', 'https://x.example/'])(
    'may be at %s',
    (to) => {
      expect(read(`{ to: '${to}' }`).deliver).toMatchObject({ to });
    },
  );
});

test.each<[what: string, deliver: string, format: string, findings: unknown[]]>([
  ['no address', '{}', 'json', [expect.stringContaining("'deliver' has no 'to'")]],
  [
    'clear text over a network',
    "{ to: 'http://siem.example/' }",
    'json',
    [expect.stringContaining('this is no https URL')],
  ],
  ['no URL', '{ to: siem }', 'json', [expect.stringContaining('this is no https URL')]],
  [
    'a password in the URL',
    "{ to: 'https://u:p@siem/' }",
    'json',
    [expect.stringContaining('end up in logs')],
  ],
  [
    'a header that is none',
    "{ to: 'https://x/', headers: { 'a b': c } }",
    'json',
    [expect.stringContaining('no name of a header')],
  ],
  [
    'a header of ours',
    "{ to: 'https://x/', headers: { content-type: c } }",
    'json',
    [expect.stringContaining('not yours to set')],
  ],
  [
    'a header with a line break',
    '{ to: "https://x/", headers: { A: "b\\nC: d" } }',
    'json',
    [expect.stringContaining('a character that no header may hold')],
  ],
  [
    'half a client certificate',
    "{ to: 'https://x/', tls: { cert: '${file:ca.pem}' } }",
    'json',
    [expect.stringContaining('cert and key go together')],
  ],
  [
    'a certificate that is none',
    "{ to: 'https://x/', tls: { ca: nonsense } }",
    'json',
    [expect.stringContaining("'ca' can't be read")],
  ],
  [
    'the key of another certificate',
    "{ to: 'https://x/', tls: { cert: '${file:ca.pem}', key: '${file:other.pem}' } }",
    'json',
    [expect.stringContaining('the key of another certificate')],
  ],
  [
    'no length of time',
    "{ to: 'https://x/', timeout: soon, retry: { every: often } }",
    'json',
    Array(2).fill(expect.stringContaining('no length of time')),
  ],
  [
    'a time limit where there is no time',
    "{ to: 'https://x/', oldest_event: 1h }",
    'cef',
    [expect.stringContaining('cef has no time')],
  ],
  [
    'a time limit for records as they come',
    "{ to: 'https://x/', oldest_event: 1h }, event: record",
    'json',
    [expect.stringContaining('no time that could be told apart')],
  ],
  [
    'restamping where there is no column',
    "{ to: 'https://x/', oldest_event: 1h }, sentinel: { table: CommonSecurityLog }",
    'sentinel',
    [expect.stringContaining('has no column')],
  ],
  [
    'an unknown key',
    "{ to: 'https://x/', proxy: x }",
    'json',
    [expect.stringContaining("unknown key 'proxy'")],
  ],
  [
    'oauth2 without a secret',
    "{ to: 'https://x/', oauth2: { token_url: 'https://x/', client_id: a } }",
    'json',
    [expect.stringContaining("'oauth2' has no 'client_secret'")],
  ],
])('%s is a finding', (_, deliver, format, findings) => {
  const result = read(deliver, format);
  expect(result.findings).toEqual(findings);
  expect(result.deliver).toBeUndefined();
});

test.each([
  ['a URL', "{ to: 'http://siem/${SECRET}' }"],
  ['a header', '{ to: \'https://x/\', headers: { A: "${SECRET}\\n" } }'],
  ['a header with a line break of its own', "{ to: 'https://x/', headers: { A: '${LINES}' } }"],
  ['a time', "{ to: 'https://x/', timeout: '${SECRET}' }"],
])('a secret in %s is in no finding', (_, deliver) => {
  const { findings, printed } = read(deliver, 'json', { SECRET: 'hunter2', LINES: 'hunter2\r\nX: y' });
  expect(findings).not.toEqual([]);
  expect(printed).not.toContain('hunter2');
});
