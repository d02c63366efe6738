import { describe, expect, test } from 'vitest';
import { readSettings } from '../../plugin/mapping/destinations.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import { firstLines, secretsOf } from '../helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';

const { cert, key } = makeCertificate();
const secrets = secretsOf(
  {
    ONE: 'first-token-0123456789',
    TWO: 'second-token-0123456789',
    SHORT: 'short',
    ODD: 'what stands here, is no token',
  },
  {
    '/run/ops': 'pass: with, anything in it',
    '/run/empty': '',
    'tls.crt': cert,
    'tls.key': key,
    'other.key': makeCertificate().key,
    'odd.pem': 'nonsense',
  },
);

function read(service: string) {
  const diagnostics = new Diagnostics();
  const text = `service:\n  ${service}\ndestinations:\n  splunk: { format: splunk-hec, mappings: [a.yaml] }\n`;
  const result = readSettings('d.yaml', text, diagnostics, { secrets, version: '', hostname: '' });
  const printed = diagnostics.all.map(formatDiagnostic).join('\n');
  return { settings: result?.settings, findings: firstLines(diagnostics), printed };
}

const allThree = "map: { token: '${ONE}' }, deliver: { token: '${ONE}' }, admin: { token: '${TWO}' }";
const tls = 'tls: { cert: tls.crt, key: tls.key }';

describe('service.auth', () => {
  test('has tokens, users, or both, and more than one of each', () => {
    const { settings, findings } = read(
      "auth: { map: { token: ['${ONE}', '${TWO}'] }, admin: { token: '${TWO}', username: ops, password: ['${file:/run/ops}', '${ONE}'] } }",
    );
    expect(findings).toEqual([]);
    expect(settings!.auth).toEqual({
      map: { tokens: ['first-token-0123456789', 'second-token-0123456789'], users: [] },
      admin: {
        tokens: ['second-token-0123456789'],
        users: [
          { username: 'ops', password: 'pass: with, anything in it' },
          { username: 'ops', password: 'first-token-0123456789' },
        ],
      },
    });
  });

  test.each<[auth: string, finding: string]>([
    ['{ map: { username: ops } }', 'error M004: username and password go together'],
    ["{ map: { password: '${ONE}' } }", 'error M004: username and password go together'],
    ['{ admin: {} }', "error M004: 'admin' has neither a token nor a username"],
    ["{ map: { username: 'a:b', password: '${ONE}' } }", "error M005: a username can't have a colon"],
    ["{ map: { token: '${ODD}' } }", 'error M005: a token is letters, digits and -._~+/, with = at its end'],
    ["{ map: { token: '${SHORT}' } }", 'error M005: a secret of less than 16 characters can be guessed'],
    ["{ map: { token: '${file:/run/empty}' } }", 'error M005: a token is letters'],
    ["{ map: { username: a, password: '${file:/run/empty}' } }", 'error M005: a secret of less than 16'],
    ["{ map: { token: '${NONE}' } }", 'error M015: the environment has no NONE'],
    ['{ map: { token: written-out-0123456789 } }', 'error M020: a secret does not stand in this file'],
    ['{ maps: {} }', "error M003: unknown key 'maps'"],
  ])('%s', (auth, finding) => {
    const { findings } = read(`auth: ${auth}`);
    expect(findings).toEqual([expect.stringContaining(finding)]);
  });

  test('no finding shows a secret', () => {
    const { printed } = read(
      "auth: { map: { token: ['${ODD}', written-out-0123456789, '${SHORT}'] }, admin: { username: 'a:${ONE}', password: 'b' } }",
    );
    expect(printed.match(/error M0/g)).toHaveLength(5);
    expect(printed).not.toMatch(/what stands|written-out|short\b|first-token/);
  });
});

describe('service.tls', () => {
  test('names files', () => {
    const { settings, findings } = read('tls: { cert: tls.crt, key: tls.key, ca: tls.crt }');
    expect(findings).toEqual([]);
    expect(settings!.tls).toEqual({ cert: 'tls.crt', key: 'tls.key', ca: 'tls.crt' });
    expect(read(tls).settings!.tls).toEqual({ cert: 'tls.crt', key: 'tls.key', ca: undefined });
  });

  test.each<[tls: string, finding: string]>([
    ['{ cert: tls.crt }', "error M004: 'tls' has no 'key'"],
    ['{ cert: nowhere, key: tls.key }', "error M015: the file of 'cert' can't be read"],
    ['{ cert: odd.pem, key: tls.key }', "error M005: 'cert' can't be read"],
    ['{ cert: tls.crt, key: odd.pem }', "error M005: 'key' can't be read"],
    ['{ cert: tls.crt, key: other.key }', 'error M005: this is the key of another certificate'],
    ['{ cert: tls.crt, key: tls.key, ca: odd.pem }', "error M005: 'ca' can't be read"],
  ])('%s', (settings, finding) => {
    expect(read(`tls: ${settings}`).findings).toEqual([expect.stringContaining(finding)]);
  });

  test('a key in the place of its path is not shown', () => {
    const { findings, printed } = read("tls: { cert: tls.crt, key: '${file:tls.key}' }");
    expect(findings).toEqual(["d.yaml:2:30: error M015: the file of 'key' can't be read"]);
    expect(printed).not.toContain('PRIVATE');
  });
});

describe('beyond this machine', () => {
  test('it takes credentials for everything', () => {
    const { findings, printed } = read("listen: 0.0.0.0:2021\n  auth: { map: { token: '${ONE}' } }");
    expect(findings).toEqual([
      'd.yaml:2:11: error M018: listen reaches beyond this machine, and there is no service.auth.deliver, service.auth.admin',
    ]);
    expect(printed).toContain('listen on 127.0.0.1');
  });

  test('without TLS there is a warning', () => {
    const { settings, findings } = read(`listen: 0.0.0.0:2021\n  auth: { ${allThree} }`);
    expect(settings!.listen).toEqual({ host: '0.0.0.0', port: 2021 });
    expect(findings).toEqual([
      'd.yaml:2:11: warning M027: listen reaches beyond this machine: records and credentials go in clear text',
    ]);
  });

  test('with both there is nothing to say', () => {
    expect(read(`listen: 0.0.0.0:2021\n  auth: { ${allThree} }\n  ${tls}`).findings).toEqual([]);
  });

  test('TLS alone does not do', () => {
    expect(read(`listen: 0.0.0.0:2021\n  ${tls}`).findings).toEqual([expect.stringContaining('error M018')]);
  });
});
