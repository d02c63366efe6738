import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { logins } from '../delivery/helpers.ts';
import { type Answer, Service } from '../http/helpers.ts';
import { drip, flood, RawServer, type Script } from './raw-server.ts';

vi.setConfig({ testTimeout: 60_000 });

let service: Service | undefined;
let siem: RawServer | undefined;
afterEach(async () => {
  await service?.stop();
  await siem?.stop();
});

/** Posts a batch to the gate before a SIEM that does this, with a second for its answer. */
async function deliver(script: Script): Promise<Answer> {
  siem = await RawServer.start(script);
  const to = `{ to: "http://127.0.0.1:${siem.port}/in", timeout: 1s, compress: false }`;
  service = await Service.start({ deliver: to });
  const headers = { 'fluent-tag': `siem.splunk.${Date.now()}-a` };
  const body = Buffer.from(JSON.stringify(logins('ana', 'ben')));
  const answer = service.fetch('/deliver/splunk', { method: 'POST', body, headers });
  expect((await service.fetch('/health')).status).toBe(200);
  await answer;
  expect((await service.fetch('/health')).status).toBe(200);
  return answer;
}

const ok = 'HTTP/1.1 200 OK\r\n';
/** Answers once, when the request is here. */
const answering =
  (answer: (socket: Parameters<Script>[0]) => void): Script =>
  (socket, received) => {
    if (received.includes('ben') && socket.listenerCount('answered') === 0) {
      socket.once('answered', () => {});
      answer(socket);
    }
  };
const saying = (text: string | Buffer): Script => answering((socket) => socket.write(text));
const block = Buffer.alloc(65_536, 'x');

test.each<[what: string, script: Script]>([
  ['hangs', () => {}],
  ['drips its head', answering((socket) => drip(socket, `${ok}X: ${'x'.repeat(10_000)}`))],
  ['ends before its head does', answering((socket) => socket.end('HTTP/1.1 20'))],
  ['hangs up', answering((socket) => socket.end())],
  ['resets', answering((socket) => socket.resetAndDestroy())],
  ['resets before it read anything', (socket) => socket.resetAndDestroy()],
  ['speaks junk', saying('junk junk\r\n\r\n')],
  ['speaks TLS', saying(Buffer.from('15030300020228', 'hex'))],
  ['speaks HTTP/2', saying(Buffer.from('00000c04000000000000', 'hex'))],
  ['has a status that is none', saying('HTTP/1.1 999999 OK\r\nContent-Length: 0\r\n\r\n')],
  [
    'has a head without end',
    answering((socket) => {
      socket.write(ok);
      flood(socket, Buffer.from(`X: ${'x'.repeat(1000)}\r\n`));
    }),
  ],
  [
    'sends 100 without end',
    answering((socket) => flood(socket, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))),
  ],
  [
    'sends 103 without end',
    answering((socket) => flood(socket, Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'))),
  ],
  ['switches protocols', saying('HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n')],
  ['sends elsewhere', saying('HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n')],
  [
    'refuses at great length',
    answering((socket) => {
      socket.write('HTTP/1.1 500 E\r\n\r\n');
      flood(socket, block);
    }),
  ],
  ['has two lengths', saying(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`)],
])('a SIEM that %s is failing, within its time', async (_, script) => {
  expect((await deliver(script)).status).toBe(503);
  expect(service!.destination.gate!.circuit.failure?.reason).toMatch(/\S/);
  expect(service!.destination.gate!.circuit.failure!.reason.length).toBeLessThan(2000);
});

// The status says that it has the records, whatever becomes of the rest.
test.each<[what: string, script: Script]>([
  [
    'drips its body',
    answering((socket) => drip(socket, `${ok}Content-Length: 9999\r\n\r\n${'x'.repeat(9999)}`, 2)),
  ],
  ['breaks its body off', answering((socket) => socket.end(`${ok}Content-Length: 9999\r\n\r\nxx`))],
  [
    'answers gigabytes',
    answering((socket) => {
      socket.write(`${ok}\r\n`);
      flood(socket, block);
    }),
  ],
  [
    'answers gigabytes in chunks',
    answering((socket) => {
      socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n`);
      flood(socket, Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')]));
    }),
  ],
  [
    'packs what nobody asked to have packed',
    saying(
      Buffer.concat([
        Buffer.from(`${ok}Content-Encoding: gzip\r\nConnection: close\r\n\r\n`),
        gzipSync(Buffer.alloc(1_000_000)),
      ]),
    ),
  ],
  ['packs wrongly', saying(`${ok}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk`)],
  ['says something before', saying(`HTTP/1.1 103 Early Hints\r\n\r\n${ok}Content-Length: 0\r\n\r\n`)],
])('a SIEM that took a batch and %s has it', async (_, script) => {
  expect((await deliver(script)).status).toBe(200);
});

test('a SIEM that asks to wait for ever is asked again within a day', async () => {
  const wait = 'Retry-After: 999999999999\r\n';
  expect((await deliver(saying(`HTTP/1.1 503 E\r\n${wait}Content-Length: 0\r\n\r\n`))).status).toBe(503);
  expect(service!.destination.gate!.circuit.opensIn).toBeLessThanOrEqual(86_400_000);
});

test('answers that nobody asked for are not taken for the next one', async () => {
  const twice = `${ok}Content-Length: 0\r\n\r\n`;
  await deliver(saying(twice + twice));
  siem!.script = saying('HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n');
  const headers = { 'fluent-tag': `siem.splunk.${Date.now()}-b` };
  const body = Buffer.from(JSON.stringify(logins('cid', 'ben')));
  expect((await service!.fetch('/deliver/splunk', { method: 'POST', body, headers })).status).toBe(503);
});
