import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { Folder, files, type Result, run } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 120_000 });

const tokens = {
  MAP: secret('map-token'),
  DELIVER: secret('deliver-token'),
  ADMIN: secret('admin-token'),
};
/** Nobody's, and a secret all the same: it may be another service's. */
const wrong = secret('wrong');
const certificate = makeCertificate();

let folder: Folder;
let delivery: ForwardServer;
let siem: JsonReceiver;
let serving: Serving;
let stops: (() => unknown)[] = [];

beforeEach(async () => {
  delivery = await ForwardServer.start();
  siem = new JsonReceiver('Bearer t');
  await siem.listen();
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `service:
  auth:
    map: { token: '\${MAP}' }
    deliver: { token: ['old-\${DELIVER}', '\${DELIVER}'] }
    admin: { username: ops, password: '\${ADMIN}' }
  tls: { cert: ../tls/tls.crt, key: ../tls/tls.key }
destinations:
  archive:
    format: json
    unmapped: pass
    mappings: [audit.yaml]
    deliver: { to: '${siem.url}', headers: { Authorization: Bearer t } }
`,
    'tls/tls.crt': certificate.cert,
    'tls/tls.key': certificate.key,
    'letters.ndjson': '{"destination":"archive","tag":"audit","record":"{\\"operation\\":\\"login\\"}"}\n',
  });
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  await siem.close();
  await delivery.stop();
  folder.remove();
});

/** `serve`; the base URL. */
async function serve(workers: number, environment: Record<string, string> = {}): Promise<string> {
  serving = new Serving(
    folder.path,
    formatAddress(delivery.address),
    {
      TMPDIR: folder.path,
      FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json'),
      ...tokens,
      ...environment,
    },
    ['--workers', String(workers)],
  );
  const started = serving;
  stops.push(() => started.signal('SIGKILL'));
  return serving.url();
}

const ops = `Basic ${Buffer.from(`ops:${tokens.ADMIN}`).toString('base64')}`;

/** Asks with TLS on a connection of its own: the status, the answer, and the certificate that was shown. */
async function ask(
  url: string,
  path: string,
  authorization?: string,
  options: RequestOptions = {},
): Promise<{ status: number; text: string; shown: string }> {
  const { port } = new URL(url);
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method: /^\/(?:map|deliver)/.test(path) ? 'POST' : 'GET',
    agent: false,
    ca: certificate.cert,
    headers: {
      'fluent-tag': `siem.archive.${Date.now()}-0a1b2c3d4e-1`,
      ...(authorization !== undefined && { authorization }),
    },
    ...options,
  });
  asked.end(asked.method === 'POST' ? '{"operation":"login"}\n' : undefined);
  const [response] = await once(asked, 'response');
  const shown = (response.socket as TLSSocket).getPeerX509Certificate()!.toString();
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return { status: response.statusCode, text: Buffer.concat(parts).toString(), shown };
}

/** The command line beside the running service. */
function runWith(url: string, args: string[], environment: Record<string, string> = {}): Promise<Result> {
  return run(folder.path, args, '', { FLUENT_BIT_SIEM_LISTEN: new URL(url).host, ...tokens, ...environment });
}

describe.each([1, 2])('with %i worker(s)', (workers) => {
  test('each route has its credentials, over TLS, and the log has none of them', async () => {
    const url = await serve(workers);
    expect(url).toMatch(/^https:/);
    const right = { map: `Bearer ${tokens.MAP}`, deliver: `Bearer ${tokens.DELIVER}`, admin: ops };
    const answers = async (path: string): Promise<number[]> => {
      const given = [undefined, `Bearer ${wrong}`, ...Object.values(right)];
      return Promise.all(given.map(async (one) => (await ask(url, path, one)).status));
    };
    expect(await answers('/map/archive')).toEqual([503, 503, 200, 503, 503]);
    expect(await answers('/deliver/archive')).toEqual([503, 503, 503, 200, 503]);
    expect(await answers('/metrics')).toEqual([401, 401, 401, 401, 200]);
    expect(await answers('/destinations/archive')).toEqual([401, 401, 401, 401, 200]);
    expect(await answers('/health')).toEqual([200, 200, 200, 200, 200]);
    expect((await ask(url, '/ready')).text).toBe('{"ready":true}');
    expect((await ask(url, '/ready', ops)).text).toContain('"archive"');
    expect((await ask(url, '/deliver/archive', `Bearer old-${tokens.DELIVER}`)).status).toBe(200);
    expect((await ask(url, '/metrics', ops)).text).toContain('_requests_unauthorized_total 16\n');
    expect(delivery.messages).toHaveLength(1);
    expect(siem.records).toHaveLength(2);
    serving.signal('SIGTERM');
    const { code, stdout, stderr } = await serving.result;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('credentials are missing or wrong');
    for (const secret of [...Object.values(tokens), wrong, ops.slice(6)])
      expect(stdout).not.toContain(secret);
  });

  test('a new certificate is shown from the next connection on; one that will not do is not', async () => {
    const url = await serve(workers);
    const lenient = { rejectUnauthorized: false };
    const shown = async (): Promise<string> => (await ask(url, '/health', undefined, lenient)).shown;
    expect((await shown()).trim()).toBe(certificate.cert.trim());
    // Whoever reads the whole configuration again says so, too.
    const refused = (): unknown[] =>
      serving.log.filter(({ level, msg }) => level === 50 && /certificate/.test(String(msg)));
    const next = makeCertificate();
    // The certificate comes before its key.
    writeFileSync(join(folder.path, 'tls', 'tls.crt'), next.cert);
    serving.signal('SIGHUP');
    await vi.waitFor(() => expect(refused()).toHaveLength(1), eventually);
    expect(refused()).toEqual([
      expect.objectContaining({
        reason: 'service.tls: this is the key of another certificate',
        msg: 'the new certificate will not do: the old one stays in use',
      }),
    ]);
    expect((await shown()).trim()).toBe(certificate.cert.trim());
    // Nobody says anything: the files are looked at.
    writeFileSync(join(folder.path, 'tls', 'new.key'), next.key);
    renameSync(join(folder.path, 'tls', 'new.key'), join(folder.path, 'tls', 'tls.key'));
    await vi.waitFor(
      () => expect(serving.log.map(({ msg }) => msg)).toContain('new certificate in use'),
      eventually,
    );
    await vi.waitFor(async () => expect((await shown()).trim()).toBe(next.cert.trim()), eventually);
    expect(refused()).toHaveLength(1);
    expect(JSON.stringify(serving.log)).not.toContain('PRIVATE');
  });

  test('one that has expired is shown and said, and never takes the place of a good one', async () => {
    const old = makeCertificate(Date.now() - 10 * 86_400_000);
    const write = ({ cert, key }: typeof old): void => {
      writeFileSync(join(folder.path, 'tls', 'tls.crt'), cert);
      writeFileSync(join(folder.path, 'tls', 'tls.key'), key);
    };
    write(old);
    const url = await serve(workers);
    const said = (text: string): unknown[] =>
      serving.log.flatMap(({ level, validTo, msg, reason }) =>
        `${msg} ${reason}`.includes(text) ? [[level, validTo]] : [],
      );
    const ended = new Date(new X509Certificate(old.cert).validTo);
    await vi.waitFor(
      () => expect(said('has expired: senders')).toEqual([[50, ended.toISOString()]]),
      eventually,
    );
    await expect(ask(url, '/health', undefined, { ca: old.cert })).rejects.toThrow('certificate has expired');
    const lenient = { rejectUnauthorized: false };
    expect((await ask(url, '/metrics', ops, lenient)).text).toContain(
      `\nfluent_bit_siem_tls_certificate_expiry_seconds ${ended.getTime() / 1000}\n`,
    );
    expect((await runWith(url, ['doctor'])).stdout).toMatch(/its certificate has expired on \d{4}-\d\d-\d\d/);

    write(certificate);
    serving.signal('SIGHUP');
    const next = new Date(new X509Certificate(certificate.cert).validTo);
    await vi.waitFor(() => expect(said('ends soon')).toEqual([[40, next.toISOString()]]), eventually);
    await vi.waitFor(async () => expect((await ask(url, '/health')).status).toBe(200), eventually);
    write(old);
    serving.signal('SIGHUP');
    await vi.waitFor(() => expect(said('service.tls: it has expired, ')).toHaveLength(1), eventually);
    expect((await ask(url, '/health')).status).toBe(200);
  });

  test('the commands show what destinations.yaml has', async () => {
    const url = await serve(workers);
    expect(await runWith(url, ['pause', 'archive'])).toMatchObject({ code: 0, stderr: '' });
    expect((await runWith(url, ['status'])).stdout).toMatch(/^archive {2}paused/);
    expect((await runWith(url, ['resume', 'archive'])).code).toBe(0);
    expect((await runWith(url, ['test', 'archive'])).stdout).toMatch(/^taken/);
    expect((await runWith(url, ['replay', 'letters.ndjson'])).stdout).toBe('1 letter sent\n');
    expect(delivery.messages).toHaveLength(1);
    const { code, stderr } = await runWith(url, ['status'], { ADMIN: 'another-0123456789' });
    expect(code).not.toBe(0);
    expect(stderr).toContain('does not take these credentials');
    expect(stderr).not.toContain('another-0123456789');
  });

  test('clients show a certificate where there is an authority for them, and so do the commands', async () => {
    const config = join(folder.path, 'mappings', 'destinations.yaml');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('tls.key }', 'tls.key, ca: ../tls/tls.crt }'));
    const url = await serve(workers);
    await expect(ask(url, '/health')).rejects.toThrow();
    const stranger = makeCertificate();
    await expect(ask(url, '/health', undefined, stranger)).rejects.toThrow();
    expect((await ask(url, '/health', undefined, certificate)).status).toBe(200);
    expect((await runWith(url, ['status'])).code).toBe(0);
  });
});

test('the commands tell no secret to somebody else at the port', async () => {
  const heard: string[] = [];
  const other = createServer(makeCertificate(), (socket) => {
    socket.on('data', (part) => heard.push(part.toString())).on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  stops.push(() => other.close());
  const { code, stderr } = await runWith(`https://127.0.0.1:${(other.address() as AddressInfo).port}`, [
    'status',
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('shows another certificate than service.tls.cert');
  expect(heard).toEqual([]);
});

test('it listens beyond this machine once there are credentials for everything', async () => {
  const url = await serve(1, { FLUENT_BIT_SIEM_LISTEN: '0.0.0.0:0' });
  expect((await ask(url, '/map/archive', `Bearer ${tokens.MAP}`)).status).toBe(200);
  expect(serving.log.at(-1)).toMatchObject({ level: 30 });
});

test('without TLS it says so at the start, and serves', async () => {
  const config = join(folder.path, 'mappings', 'destinations.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^ +tls:.*\n/m, ''));
  const url = await serve(2, { FLUENT_BIT_SIEM_LISTEN: '0.0.0.0:0' });
  expect(url).toMatch(/^http:/);
  expect((await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/health`)).status).toBe(200);
  const { stdout } = await runWith(url, ['validate'], { FLUENT_BIT_SIEM_LISTEN: '0.0.0.0:1' });
  expect(stdout).toContain('warning M027: FLUENT_BIT_SIEM_LISTEN reaches beyond this machine');
});
