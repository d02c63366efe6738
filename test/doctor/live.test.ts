import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePorts } from '../../plugin/cli/demo/ports.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { checkBinary, checkDryRun, findBinary } from '../../plugin/cli/doctor/live/binary.ts';
import type { Check } from '../../plugin/cli/doctor/live/check.ts';
import { checkForwards } from '../../plugin/cli/doctor/live/forward.ts';
import { checkService } from '../../plugin/cli/doctor/live/service.ts';
import { checkSiem } from '../../plugin/cli/doctor/live/siem.ts';
import { checkStanzas } from '../../plugin/cli/doctor/live/stanza.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { readSettings } from '../../plugin/mapping/destinations.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import type { Settings } from '../../plugin/mapping/settings.ts';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { secretsOf } from '../helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { secret } from '../secrets/marker.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

const token = secret('token');
let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
});

/** Listens on loopback; @returns the port */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** An HTTPS server with a certificate that is good for so many days. */
async function https(answer: RequestListener, days = 300): Promise<{ url: string; ca: string }> {
  const { key, cert } = makeCertificate(Date.now(), days);
  return { url: `https://127.0.0.1:${await listen(createServer({ key, cert }, answer))}`, ca: cert };
}

function settingsOf(destinations: object, service: object = {}): Settings {
  const text = JSON.stringify({ service, destinations });
  const diagnostics = new Diagnostics();
  const context = { secrets: secretsOf(), version: '1.2.3', hostname: 'gw1' };
  const result = readSettings('destinations.yaml', text, diagnostics, context);
  expect(diagnostics.all.map(formatDiagnostic)).toEqual([]);
  return result!.settings;
}

/** `status subject: message` of each; whatever it is, it shows no secret and says what to do. */
function lines(checks: readonly Check[]): string[] {
  for (const { status, message, hint } of checks) {
    expect(`${message} ${hint}`).not.toContain(token);
    if (status === 'error' || status === 'warning') expect(hint, message).toBeTruthy();
  }
  return checks.map(({ status, subject, message }) => `${status} ${subject}: ${message}`);
}

/** What is seen of one SIEM. */
async function siem(
  format: string,
  deliver: object,
  environment: Record<string, string> = {},
): Promise<string[]> {
  const { destinations } = settingsOf({ siem: { format, mappings: ['map.yaml'], deliver } });
  return lines(await checkSiem(destinations[0]!, environment));
}

const headers = { Authorization: `Splunk ${token}` };

describe('a SIEM behind the gate', () => {
  test('Splunk: its health path tells whether it takes events, with the token', async () => {
    const asked: string[] = [];
    const { url, ca } = await https((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end('{"text":"HEC is healthy","code":17}');
    });
    const to = `${url}/services/collector/event`;
    expect(await siem('splunk-hec', { to, headers, tls: { ca } })).toEqual([
      expect.stringMatching(
        /^ok siem: 127\.0\.0\.1:\d+ takes connections; its certificate is good until \d{4}-/,
      ),
      'ok siem: the credentials are taken',
    ]);
    expect(asked).toEqual([`GET /services/collector/health Splunk ${token}`]);
  });
  test.each([
    [400, 'error siem: the credentials are refused: 400'],
    [403, 'error siem: the credentials are refused: 403'],
    [503, "warning siem: it can't take events now: 503"],
    [404, 'skipped siem: it has no such check: 404'],
  ])('an answer %i', async (status, line) => {
    const { url, ca } = await https((_request, response) => response.writeHead(status).end(token));
    const to = `${url}/services/collector`;
    expect((await siem('splunk-hec', { to, headers, tls: { ca } })).at(-1)).toBe(line);
  });
  test('Datadog: its API of the same site', async () => {
    const asked: string[] = [];
    const { url, ca } = await https((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['dd-api-key']}`);
      response.end('{"valid":true}');
    });
    const deliver = { to: `${url}/api/v2/logs`, headers: { 'DD-API-KEY': token }, tls: { ca } };
    expect((await siem('datadog', deliver)).at(-1)).toBe('ok siem: the credentials are taken');
    expect(asked).toEqual([`GET /api/v1/validate ${token}`]);
  });
  test('others have no harmless question: nothing is asked', async () => {
    let requests = 0;
    const { url, ca } = await https((_request, response) => {
      requests++;
      response.end();
    });
    expect((await siem('json', { to: `${url}/in`, headers, tls: { ca } })).at(-1)).toMatch(
      /^skipped siem: it has no way/,
    );
    expect(requests).toBe(0);
  });
  test('a token endpoint gives a token, or says why not', async () => {
    let status = 200;
    const { url, ca } = await https((_request, response) => {
      const body =
        status === 200 ? { access_token: 'abc', token_type: 'Bearer' } : { error: 'invalid_client' };
      response.writeHead(status).end(JSON.stringify(body));
    });
    const oauth2 = { token_url: `${url}/token`, client_id: 'me', client_secret: token };
    const deliver = { to: `${url}/in`, oauth2, tls: { ca } };
    expect((await siem('json', deliver)).at(-1)).toMatch(/^ok siem: 127\.0\.0\.1:\d+ gives a token$/);
    status = 401;
    expect((await siem('json', deliver)).at(-1)).toBe('error siem: token endpoint: 401 invalid_client');
  });
  test('a certificate that ends soon', async () => {
    const { url, ca } = await https(() => {}, 20);
    expect((await siem('json', { to: url, tls: { ca } }))[0]).toMatch(
      /^warning siem: the certificate of .* ends on /,
    );
  });
  test('a certificate of an authority that nobody named, and one of the past', async () => {
    const unknown = await https(() => {});
    expect(await siem('json', { to: unknown.url })).toEqual([
      expect.stringMatching(/^error siem: TLS: self/),
    ]);
    const past = await https(() => {}, -0.5);
    expect(await siem('json', { to: past.url, tls: { ca: past.ca } })).toEqual([
      expect.stringMatching(/^error siem: TLS: certificate has expired/),
    ]);
  });
  test('a clock that is another', async () => {
    const { url, ca } = await https((_request, response) => {
      response.setHeader('date', new Date(Date.now() - 7_200_000).toUTCString()).end();
    });
    const checks = await siem('splunk-hec', { to: `${url}/services/collector`, headers, tls: { ca } });
    expect(checks[1]).toMatch(/^warning siem: its clock and ours are 7(19\d|20\d) s apart$/);
  });
  test('no host, no listener, no answer', async () => {
    expect(await siem('json', { to: 'https://siem.invalid/in' })).toEqual([
      expect.stringMatching(/^error siem: host not found/),
    ]);
    const [free] = await freePorts(1);
    expect(await siem('json', { to: `http://127.0.0.1:${free}/` })).toEqual([
      'error siem: refused (ECONNREFUSED)',
    ]);
    const { url, ca } = await https(() => {});
    const checks = await siem('splunk-hec', { to: `${url}/services/collector`, headers, tls: { ca } });
    expect(checks.at(-1)).toBe('error siem: no answer within 5000 ms');
  });
  test('by way of the proxy that the environment names', async () => {
    const asked: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url!);
      socket.end('HTTP/1.1 407 No\r\n\r\n');
    });
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` };
    expect(await siem('json', { to: 'https://siem.invalid/in' }, environment)).toEqual([
      'error siem: proxy: it answered 407',
    ]);
    expect(asked).toEqual(['siem.invalid:443']);
  });
});

test('a proxy that is none is said, whatever else is in its URL', async () => {
  const lines = await siem(
    'json',
    { to: 'https://siem.invalid/in' },
    { HTTPS_PROXY: `socks5://me:${token}@p` },
  );
  expect(lines).toEqual(['error siem: HTTPS_PROXY is no http or https URL']);
});

describe('a SIEM that Fluent Bit delivers to', () => {
  /** What is seen of one by the stanza. */
  async function stanza(...keys: string[]): Promise<string[]> {
    const file = join(folder, 'a.conf');
    const all = ['Name http', 'Match siem.siem.*', ...keys];
    writeFileSync(file, `[OUTPUT]\n${all.map((key) => `    ${key}\n`).join('')}`);
    const settings = settingsOf({ siem: { format: 'json', mappings: ['map.yaml'] } });
    const configuration = readConfiguration(file, new Diagnostics(), {});
    const checks = await checkStanzas(new Installation('', settings, [configuration]).processes);
    return lines(checks).map((line) => line.replace(/^(\w+) .*?a\.conf:1: /, '$1: '));
  }

  test('takes a connection, with TLS where the stanza says so', async () => {
    const { url, ca } = await https(() => {});
    writeFileSync(join(folder, 'ca.pem'), ca);
    const { port } = new URL(url);
    const address = ['Host 127.0.0.1', `Port ${port}`];
    const authority = `tls.ca_file ${join(folder, 'ca.pem')}`;
    expect(await stanza(...address, 'tls on', authority)).toEqual([
      expect.stringMatching(/^ok: 127\.0\.0\.1:\d+ takes connections; its certificate is good until /),
    ]);
    expect(await stanza(...address, 'tls on')).toEqual([expect.stringMatching(/^error: TLS: self/)]);
    expect(await stanza(...address)).toEqual([`ok: 127.0.0.1:${port} takes connections`]);
  });
  test('is not there, or not known here', async () => {
    const [free] = await freePorts(1);
    expect(await stanza('Host 127.0.0.1', `Port ${free}`)).toEqual(['error: refused (ECONNREFUSED)']);
    expect(await stanza('Host 127.0.0.1', 'Port none')).toEqual(['error: its Host and Port are no address']);
    expect(await stanza('Host ${ELSEWHERE}', 'Port 443')).toEqual([]);
  });
});

describe('Fluent Bits that deliver', () => {
  const shared = (server: ForwardServer, more: object = {}): Settings =>
    settingsOf(
      { a: { format: 'cef', mappings: ['map.yaml'] }, b: { format: 'cef', mappings: ['map.yaml'] } },
      { forward: { address: formatAddress(server.address), ...more } },
    );

  test('each address is looked at once, and gets nothing', async () => {
    const server = await ForwardServer.start();
    const where = formatAddress(server.address);
    expect(lines(await checkForwards(shared(server), false))).toEqual([
      `ok forward: ${where} (a, b) takes connections`,
    ]);
    expect([server.connections, server.messages, server.violations]).toEqual([1, [], []]);
    await server.stop();
    expect(lines(await checkForwards(shared(server), false))).toEqual([
      `error forward: Fluent Bit at ${where} can't be reached: ECONNREFUSED`,
    ]);
  });
  test('a shared key on both sides, on one side, or another one', async () => {
    const server = await ForwardServer.start({ sharedKey: token });
    expect(lines(await checkForwards(shared(server, { shared_key: token }), false))[0]).toMatch(/^ok /);
    expect(lines(await checkForwards(shared(server), false))[0]).toMatch(
      /^error .* it asks for a shared key/,
    );
    expect(lines(await checkForwards(shared(server, { shared_key: 'other' }), false))[0]).toMatch(/^error /);
    await server.stop();
  });
});

describe('the service', () => {
  test('nobody, and somebody else, at its port', async () => {
    const port = await listen(createHttpServer((_request, response) => response.end('<html>')));
    const listenAt = { listen: `127.0.0.1:${port}` };
    const settings = settingsOf({ a: { format: 'cef', mappings: ['map.yaml'] } }, listenAt);
    expect(lines(await checkService(settings, false))[0]).toMatch(
      /^error service: .* is not fluent-bit-siem$/,
    );
    const [free] = await freePorts(1);
    const nobody = { ...settings, listen: { host: '127.0.0.1', port: free! } };
    expect(lines(await checkService(nobody, false))[0]).toMatch(/^error service: .* \(ECONNREFUSED\)/);
  });
  test('one that serves other destinations, fails or is paused', async () => {
    const destinations = [
      { name: 'a', state: 'failing', failure: { since: '2026-03-02T08:00:00.000Z', reason: '401' } },
      { name: 'b', state: 'paused' },
      { name: 'old', state: 'direct' },
    ];
    const port = await listen(
      createHttpServer((request, response) =>
        response.end(JSON.stringify(request.url === '/health' ? { status: 'up' } : { destinations })),
      ),
    );
    const one = { format: 'cef', mappings: ['map.yaml'] };
    const settings = settingsOf({ a: one, b: one, c: one }, { listen: `127.0.0.1:${port}` });
    expect(lines(await checkService(settings, false))).toEqual([
      `ok service: up at 127.0.0.1:${port}`,
      "warning service: it still serves 'old', which is not in destinations.yaml",
      'error a: failing since 2026-03-02T08:00:00.000Z: 401',
      'warning b: paused: its events wait',
      'error c: the running service does not know it',
    ]);
  });
});

describe('the binary', () => {
  /** A program that says so, whatever it is asked. */
  function program(text: string): string {
    const file = join(folder, 'fluent-bit');
    writeFileSync(file, `#!/bin/sh\necho '${text}'\n`);
    chmodSync(file, 0o755);
    return file;
  }

  test('is the one named, else FLUENT_BIT, else on PATH', () => {
    const file = program('');
    expect(findBinary('/x', { FLUENT_BIT: '/y', PATH: folder })).toBe('/x');
    expect(findBinary(undefined, { FLUENT_BIT: '/y', PATH: folder })).toBe('/y');
    expect(findBinary(undefined, { PATH: `/nowhere:${folder}` })).toBe(file);
  });
  test.each([
    ['Fluent Bit v5.1.1', ['ok fluent-bit: version 5.1.1, *']],
    ['Fluent Bit v1.8.14', ['error fluent-bit: version 1.8.14 is too old']],
    ['Fluent Bit v0.14.0', ['error fluent-bit: version 0.14.0 is too old']],
    ['hello', ['error fluent-bit: * is no Fluent Bit']],
  ])('%s', async (text, expected) => {
    const file = program(text);
    const { checks } = await checkBinary(file);
    expect(lines(checks).map((line) => line.replace(file, '*'))).toEqual(expected);
  });
  test('older ones have limits that are known', async () => {
    const { binary, checks } = await checkBinary(program('Fluent Bit v1.8.15'));
    expect(binary?.version).toBe(1.8);
    expect(checks.map(({ status }) => status)).toEqual(['ok', 'warning', 'warning', 'warning', 'warning']);
  });
  test('there is none, or it does not run', async () => {
    expect(lines((await checkBinary(undefined)).checks)[0]).toMatch(/^skipped/);
    expect(lines((await checkBinary(join(folder, 'none'))).checks)[0]).toMatch(
      /^error .* does not run: ENOENT$/,
    );
  });
  test('a real one reads a configuration, and refuses what it does not know', async () => {
    const { binary } = await checkBinary((await findFluentBit()).path);
    const write = (text: string) => {
      writeFileSync(join(folder, 'a.conf'), text);
      return readConfiguration(join(folder, 'a.conf'), new Diagnostics(), {});
    };
    const dryRun = async (text: string): Promise<string> =>
      lines(await checkDryRun(binary!, write(text)))
        .join()
        .replace(/^(\w+) .*?: /, '$1: ');
    expect(await dryRun('[OUTPUT]\n    Name null\n    Match *\n')).toBe('ok: fluent-bit --dry-run takes it');
    // Versions before 4.2 look at the syntax only.
    const [text, words] =
      binary!.version >= 4.2
        ? ['[OUTPUT]\n    Name http\n    Match *\n    Heder_Tag x\n', /^error: .*heder_tag/]
        : ['[OUTPUT\n', /^error: /];
    expect(await dryRun(text)).toMatch(words);
  });
  test('YAML needs a version that reads it', async () => {
    const yaml = { file: 'a.yaml', isYaml: true, sections: [], files: [] };
    expect(lines(await checkDryRun({ path: '/none', version: 1.8 }, yaml))).toEqual([
      'error a.yaml: YAML needs Fluent Bit 3.2 or later',
    ]);
  });
});
