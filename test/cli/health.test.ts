import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { ended, Folder, files } from './helpers.ts';
import { Serving } from './serving.ts';

vi.setConfig({ testTimeout: 60_000 });

const certificate = makeCertificate();

let folder: Folder;
let stops: (() => unknown)[] = [];

beforeEach(() => {
  folder = new Folder({ ...files, 'tls.crt': certificate.cert, 'tls.key': certificate.key });
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  folder.remove();
});

/** A service with this in its `service:`; what FLUENT_BIT_SIEM_LISTEN is for who asks it. */
async function serve(service: string, listen = '127.0.0.1:0'): Promise<string> {
  const config = join(folder.path, 'mappings/config.yaml');
  writeFileSync(config, `service: ${service}\n${files['mappings/destinations.yaml']}`);
  const environment = { FLUENT_BIT_SIEM_LISTEN: listen, FLUENT_BIT_SIEM_STATE: join(folder.path, 'state') };
  const serving = new Serving(folder.path, '127.0.0.1:1', environment, ['--config', config]);
  stops.push(async () => {
    serving.signal('SIGKILL');
    await serving.result;
  });
  const url = await serving.url();
  return listen.startsWith('unix:') ? listen : new URL(url).host;
}

async function exitOfHealth(listen: string): Promise<number | null> {
  const env = { PATH: process.env.PATH, FLUENT_BIT_SIEM_LISTEN: listen };
  const child = spawn(process.execPath, [join(packageRoot, 'dist/health.js')], { env });
  const { code, stdout, stderr } = await ended(child);
  expect(stdout + stderr).toBe('');
  return code;
}

test.each([
  ['as it comes', '{}', undefined],
  ['at a socket file', '{}', 'unix'],
  ['over TLS', '{ tls: { cert: ../tls.crt, key: ../tls.key } }', undefined],
  [
    'over TLS, where clients need a certificate',
    '{ tls: { cert: ../tls.crt, key: ../tls.key, ca: ../tls.crt } }',
    undefined,
  ],
])('the service is healthy %s', async (_, service, listen) => {
  const address = await serve(service, listen && `unix:${join(folder.path, 'socket')}`);
  expect(await exitOfHealth(address)).toBe(0);
});

test('a service that was stopped, or hangs, is not', async () => {
  const { port, stop } = await listen(() => {});
  expect(await exitOfHealth(`127.0.0.1:${port}`)).toBe(1);
  await stop();
  expect(await exitOfHealth(`127.0.0.1:${port}`)).toBe(1);
});

test('what is no service, and what is no address, is not', async () => {
  const { port } = await listen((socket) => socket.end('220 mail.example ESMTP\r\n'));
  expect(await exitOfHealth(`127.0.0.1:${port}`)).toBe(1);
  expect(await exitOfHealth('somewhere')).toBe(1);
});

/** Something else that listens. */
async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  stops.push(stop);
  return { port: (server.address() as AddressInfo).port, stop };
}
