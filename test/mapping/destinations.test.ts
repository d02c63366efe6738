import { describe, expect, test } from 'vitest';
import { readSettings } from '../../plugin/mapping/destinations.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import { firstLines, secretsOf } from '../helpers.ts';

function read(text: string, environment: Record<string, string> = {}) {
  const diagnostics = new Diagnostics();
  const result = readSettings('d.yaml', text, diagnostics, {
    secrets: secretsOf(environment),
    version: '1.2.3',
    hostname: 'gw1',
  });
  return {
    settings: result?.settings,
    findings: firstLines(diagnostics),
    printed: diagnostics.all.map(formatDiagnostic).join('\n'),
  };
}

const splunk = 'destinations:\n  splunk: { format: splunk-hec, mappings: [a.yaml] }\n';
const withKeys = (keys: string) => `destinations:\n  siem: { format: cef, mappings: [a.yaml], ${keys} }\n`;

describe('settings', () => {
  test('have a default for everything but the format and the mappings', () => {
    const forward = {
      address: { host: '127.0.0.1', port: 24224 },
      sharedKey: undefined,
      username: undefined,
      password: undefined,
      ackTimeout: 30_000,
      storage: undefined,
    };
    expect(read(splunk).settings).toEqual({
      listen: { host: '127.0.0.1', port: 2021 },
      auth: {},
      tls: undefined,
      workers: 1,
      watch: true,
      bodyLimit: 64_000_000,
      keepSeen: 0,
      deadLetters: undefined,
      inFlight: 67_108_864,
      stateFile: '/var/lib/fluent-bit-siem/state.json',
      functions: undefined,
      destinations: [
        {
          name: 'splunk',
          format: 'splunk-hec',
          device: { vendor: 'fluent-bit-siem', product: 'fluent-bit-siem', version: '1.2.3' },
          cef: { version: 0, mistyped: 'keep' },
          leef: { version: '2.0', delimiter: '\t', keys: 'translate' },
          syslog: undefined,
          event: 'mapped',
          splunk: {
            host: undefined,
            source: undefined,
            sourcetype: undefined,
            index: undefined,
            fields: new Map(),
          },
          sentinel: { table: 'FluentBitSiem_CL' },
          datadog: { source: undefined, service: undefined, hostname: undefined, tags: new Map() },
          newrelic: { attributes: new Map() },
          csv: { columns: expect.arrayContaining(['time', 'eventClass', 'suser']) },
          recordLimit: undefined,
          deliver: undefined,
          mappings: [{ pattern: 'a.yaml', options: {}, at: ['destinations', 'splunk', 'mappings', 0] }],
          unmapped: 'drop',
          forward,
          batch: { records: 100, bytes: 900_000, age: 60_000, by: 'destination' },
        },
      ],
    });
  });

  test('say what a destination says', () => {
    const { settings } = read(
      `service: { listen: unix:/run/siem.sock, forward: 127.0.0.1:1, body_limit: 1MiB }
destinations:
  siem:
    format: cef
    device: { vendor: V }
    cef: { version: 1 }
    mappings: [a.yaml, { file: b.php, match: b.*, time: $t, mode: all, idField: kind }]
    forward: { address: '[::1]:2', shared_key: '\${KEY}', username: u, password: '\${PASS}', ack_timeout: 5s, storage_path: /d, storage_free: 1GB }
    batch: { records: 10, bytes: 500KB, age: 1m, by: tag }
    record_limit: 8KB
  other: { format: json, mappings: [a.yaml], unmapped: pass }
`,
      { KEY: 'k', PASS: 'p' },
    );
    expect(settings).toMatchObject({ listen: { path: '/run/siem.sock' }, bodyLimit: 1_048_576 });
    expect(settings!.destinations[0]).toMatchObject({
      device: { vendor: 'V', product: 'fluent-bit-siem', version: '1.2.3' },
      cef: { version: 1 },
      mappings: [
        { pattern: 'a.yaml', options: {} },
        { pattern: 'b.php', options: { match: 'b.*', time: '$t', mode: 'all', idField: 'kind' } },
      ],
      forward: {
        address: { host: '::1', port: 2 },
        sharedKey: 'k',
        username: 'u',
        password: 'p',
        ackTimeout: 5000,
        storage: { path: '/d', free: 1_000_000_000 },
      },
      batch: { records: 10, bytes: 500_000, age: 60_000, by: 'tag' },
      recordLimit: 8000,
    });
    expect(settings!.destinations[1]).toMatchObject({
      unmapped: 'pass',
      forward: { address: { host: '127.0.0.1', port: 1 } },
    });
  });
});

test('behind a syslog header an event has what rsyslog takes, unless the destination says another limit', () => {
  const limitOf = (keys: string): unknown => read(withKeys(keys)).settings!.destinations[0]!.recordLimit;
  expect(limitOf('unmapped: drop')).toBeUndefined();
  expect(limitOf('syslog: { format: rfc5424 }')).toBe(8000);
  expect(limitOf('syslog: { format: rfc5424 }, record_limit: 1024')).toBe(1024);
});

describe('the environment', () => {
  test('overrides where the service listens and where it forwards to', () => {
    const environment = {
      FLUENT_BIT_SIEM_LISTEN: '127.0.0.1:1',
      FLUENT_BIT_SIEM_FORWARD: 'unix:/run/fb.sock',
    };
    const { settings } = read(
      `service: { listen: 127.0.0.1:8, forward: 127.0.0.1:9 }\n${splunk}`,
      environment,
    );
    expect(settings!.listen).toEqual({ host: '127.0.0.1', port: 1 });
    expect(settings!.destinations[0]!.forward.address).toEqual({ path: '/run/fb.sock' });
  });

  test('overrides the address alone, not the shared key beside it', () => {
    const { settings } = read(`service: { forward: { address: 'a:1', shared_key: k } }\n${splunk}`, {
      FLUENT_BIT_SIEM_FORWARD: 'b:2',
    });
    expect(settings!.destinations[0]!.forward).toMatchObject({
      address: { host: 'b', port: 2 },
      sharedKey: 'k',
    });
  });

  test("does not move a destination to another Fluent Bit than the destination's own", () => {
    const { settings } = read(withKeys('forward: a:1'), { FLUENT_BIT_SIEM_FORWARD: 'b:2' });
    expect(settings!.destinations[0]!.forward.address).toEqual({ host: 'a', port: 1 });
  });

  test('with something that is no address is an error', () => {
    expect(read(splunk, { FLUENT_BIT_SIEM_LISTEN: '2021' }).findings).toEqual([
      "d.yaml:1:1: error M017: the environment's FLUENT_BIT_SIEM_LISTEN is no address",
    ]);
    expect(read(splunk, { FLUENT_BIT_SIEM_FORWARD: 'x' }).findings).toEqual([
      "d.yaml:1:1: error M017: the environment's FLUENT_BIT_SIEM_FORWARD is no address",
    ]);
  });
});

describe('a listen address beyond this machine is refused', () => {
  test.each(['0.0.0.0:2021', '[::]:2021', '10.0.0.5:2021', 'siem.example.org:2021'])('%s', (address) => {
    expect(read(`service: { listen: '${address}' }\n${splunk}`).findings).toEqual([
      'd.yaml:1:20: error M018: listen reaches beyond this machine, and there is no service.auth.map, service.auth.deliver, service.auth.admin',
    ]);
    expect(read(splunk, { FLUENT_BIT_SIEM_LISTEN: address }).findings).toEqual([
      'd.yaml:1:1: error M018: FLUENT_BIT_SIEM_LISTEN reaches beyond this machine, and there is no service.auth.map, service.auth.deliver, service.auth.admin',
    ]);
  });
});

describe('a broken file has its findings, each with its place', () => {
  test.each<[name: string, text: string, findings: string[]]>([
    ['nothing at all', '', ['d.yaml:1:1: error M005: this file is empty']],
    ['no destinations', 'service: {}', ["d.yaml:1:1: error M004: this file has no 'destinations'"]],
    ['destinations: none', 'destinations: {}', ["d.yaml:1:15: error M005: 'destinations' is empty"]],
    [
      'a name in capitals',
      splunk.replace('splunk:', 'Splunk:'),
      ["d.yaml:2:3: error M005: 'Splunk' can't be used as a name here"],
    ],
    [
      'the name of the dead letters',
      splunk.replace('splunk:', 'dead:'),
      ["d.yaml:2:3: error M019: 'dead' is taken: siem.dead.* is the tag of dead letters"],
    ],
    [
      'an unknown format and no mappings',
      'destinations:\n  a: { format: cefx }',
      ["d.yaml:2:3: error M004: 'a' has no 'mappings'", "d.yaml:2:16: error M005: 'format' is 'cefx'"],
    ],
    [
      'mappings that are no list',
      'destinations:\n  a: { format: cef, mappings: x.yaml }',
      ["d.yaml:2:31: error M005: 'mappings' must be array, not 'x.yaml'"],
    ],
    ['an unknown CEF version', withKeys('cef: { version: 2 }'), ["d.yaml:2:60: error M005: 'version' is 2"]],
    [
      'a mapping without a file',
      'destinations:\n  a: { format: cef, mappings: [{ match: x }] }',
      ["d.yaml:2:32: error M004: entry 1 of 'mappings' has no 'file'"],
    ],
    [
      'a version that is a number',
      withKeys('device: { version: 23.1 }'),
      ["d.yaml:2:63: error M005: 'version' must be string, not 23.1"],
    ],
    [
      'records passed as they are in CEF',
      withKeys('unmapped: pass'),
      ["d.yaml:2:54: error M005: 'pass' sends the record as it is, which cef can't hold"],
    ],
    [
      'records passed as they are in a table with declared columns',
      'destinations:\n  a: { format: sentinel, unmapped: pass, mappings: [a] }',
      ["d.yaml:2:36: error M005: 'pass' sends the record as it is, which sentinel can't hold"],
    ],
    ['a CEF line in CEF', withKeys('event: cef'), ["d.yaml:2:51: error M005: cef can't hold 'cef'"]],
    [
      "a record in Sentinel's own table",
      'destinations:\n  a: { format: sentinel, event: record, sentinel: { table: CommonSecurityLog }, mappings: [a] }',
      ['d.yaml:2:33: error M005: CommonSecurityLog has columns of its own'],
    ],
    [
      'a table with another name than those of the administrator have',
      'destinations:\n  a: { format: sentinel, sentinel: { table: Audit }, mappings: [a] }',
      ['d.yaml:2:45: error M005: a table of your own has letters, digits and underscores, and ends with _CL'],
    ],
    [
      'a value of the envelope that is no path',
      'destinations:\n  a: { format: splunk-hec, splunk: { fields: { user: $a b } }, mappings: [a] }',
      [expect.stringContaining('d.yaml:2:54: error')],
    ],
    [
      'an event that has no room for its header',
      withKeys('record_limit: 500'),
      ["d.yaml:2:58: error M005: an event needs 1024 bytes for what can't be cut"],
    ],
    [
      'sizes and times without a unit that is known',
      withKeys('batch: { bytes: lots, age: soon }'),
      ['d.yaml:2:60: error M005: this is no size', 'd.yaml:2:71: error M005: this is no length of time'],
    ],
    [
      'a batch of none',
      withKeys('batch: { records: 0 }'),
      ["d.yaml:2:62: error M005: 'records' must be >= 1"],
    ],
    [
      'an address without a port',
      withKeys('forward: localhost'),
      ['d.yaml:2:53: error M017: this is no address'],
    ],
    [
      'a user without a shared key',
      withKeys('forward: { address: a:1, username: u, password: p }'),
      ["d.yaml:2:53: error M004: 'forward' has a username and no shared_key"],
    ],
    [
      'room without the folder',
      withKeys('forward: { address: a:1, storage_free: 1GB }'),
      ["d.yaml:2:53: error M004: 'forward' has storage_free and no storage_path"],
    ],
    [
      'a user without a password',
      withKeys('forward: { address: a:1, shared_key: k, username: u }'),
      ['d.yaml:2:53: error M004: username and password go together'],
    ],
    [
      'a variable that is not set',
      withKeys("device: { vendor: '${VENDOR}' }"),
      ['d.yaml:2:62: error M015: the environment has no VENDOR'],
    ],
  ])('%s', (_, text, findings) => {
    const result = read(text);
    expect(result.findings).toEqual(findings);
    expect(result.settings).toBeUndefined();
  });

  test('all at once', () => {
    const text = `service: { listen: 0.0.0.0:1, body_limit: much }
destinations:
  dead: { format: cef, mappings: [a], unmapped: pass }
  b: { format: json, mappings: [a], forward: here, batch: { age: 1y } }
`;
    expect(read(text).findings.map((line) => line.split(': ')[0])).toEqual([
      'd.yaml:1:20',
      'd.yaml:1:43',
      'd.yaml:3:3',
      'd.yaml:3:49',
      'd.yaml:4:46',
      'd.yaml:4:66',
    ]);
  });
});

describe('what may be in flight', () => {
  const inFlight = (service: string): number | undefined =>
    read(`service: { ${service} }\n${splunk}`).settings?.inFlight;

  test('is what is said, and never less than one body may have', () => {
    expect(inFlight('in_flight: 100MB')).toBe(100_000_000);
    expect(inFlight('body_limit: 1MB, in_flight: 1MB')).toBe(1_000_000);
    expect(inFlight('body_limit: 1MB')).toBe(67_108_864);
    expect(inFlight('body_limit: 100MB')).toBe(100_000_000);
  });

  test('may not be less than one body', () => {
    const { printed } = read(`service: { body_limit: 2MB, in_flight: 1MB }\n${splunk}`);
    expect(printed).toContain('d.yaml:1:40: error');
    expect(printed).toContain('one body may have 2000000 bytes, so no less can be in flight');
    expect(printed).toContain('write 2000000 or more, or lower body_limit');
  });
});

test.each(['0', '65', '1.5', "'2'", 'many'])('workers: %s is refused', (workers) => {
  expect(read(`service: { workers: ${workers} }\n${splunk}`).findings).toEqual([
    expect.stringMatching(/^d\.yaml:1:\d+: error M\d+: 'workers' /),
  ]);
  expect(read(`service: { workers: 4 }\n${splunk}`).settings?.workers).toBe(4);
});

describe('a secret is in no finding', () => {
  test.each([
    ['an address', `service: { listen: '\${SECRET}', forward: '\${SECRET}' }\n${splunk}`],
    ['an address with a host that is a secret', `service: { listen: '\${SECRET}:1' }\n${splunk}`],
    ['a size', `service: { body_limit: '\${SECRET}' }\n${splunk}`],
    ['a time', withKeys("batch: { age: '${SECRET}' }")],
    ['an address that is an object', withKeys("forward: { address: '${SECRET}', ack_timeout: '${SECRET}' }")],
    ['beside a missing one', withKeys("device: { vendor: '${SECRET} ${MISSING}' }")],
    ['a value of the envelope', `${splunk.slice(0, -3)}, splunk: { index: '\${SECRET}' }, unmapped: no }`],
    ['beside a wrong shape', withKeys("unmapped: '${SECRET}'")],
    ['beside a syntax error', `${withKeys("device: { vendor: '${SECRET}' }")}]`],
  ])('%s', (_, text) => {
    const { findings, printed } = read(text, { SECRET: 'hunter2' });
    expect(findings).not.toEqual([]);
    expect(printed).not.toContain('hunter2');
  });

  test('a wrong address from the environment is not shown either', () => {
    expect(read(splunk, { FLUENT_BIT_SIEM_FORWARD: 'user:hunter2@host' }).printed).not.toContain('hunter2');
  });
});
