// What the service says in any test, however it was started and whoever asked it: its output, its answers and its files.
// All of it is taken where it enters the test's process, so that no test need think of it.

import childProcess, { type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, Server, Socket } from 'node:net';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { collect } from '../secrets/collect.ts';

let processes = 0;

// Output: of every process but Fluent Bit, which a command of the service may name.

function isFluentBit(command: readonly string[]): boolean {
  const words = command.map((word) => basename(word));
  return words.includes('fluent-bit') && !words.some((word) => /^(?:main\.js|fluent-bit-siem)$/.test(word));
}

diagnostics.channel('child_process').subscribe((message) => {
  const { process: child } = message as { process: ChildProcess };
  // It has a command and streams once `spawn` returns.
  queueMicrotask(() => {
    if (isFluentBit(child.spawnargs ?? [])) return;
    const name = `${process.pid}-${processes++}`;
    if (child.stdout) tap(child.stdout, `${name}.stdout`);
    if (child.stderr) tap(child.stderr, `${name}.stderr`);
  });
});

/** Keeps what others read; reading it here would take it from them. */
function tap(stream: Readable, name: string): void {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'data') collect(name, args[0] as Buffer);
    return emit(event, ...args);
  };
}

const { spawnSync } = childProcess;
type Options = Record<string, unknown>;

function spawnSyncAndCollect(
  file: string,
  ...more: [string[]?, Options?] | [Options?]
): SpawnSyncReturns<Buffer> {
  const result = (spawnSync as (...args: unknown[]) => SpawnSyncReturns<Buffer>)(file, ...more);
  if (!isFluentBit([file, ...(Array.isArray(more[0]) ? more[0] : [])]))
    for (const stream of ['stdout', 'stderr'] as const)
      if (result[stream]) collect(`${process.pid}-${processes}.${stream}`, result[stream]);
  processes++;
  return result;
}

/** Node.js' own would keep what a process that ends well says on stderr to itself. */
function execFileSync(file: string, ...more: [string[]?, Options?] | [Options?]): Buffer {
  const result = spawnSyncAndCollect(file, ...more);
  if (result.error) throw result.error;
  if (result.status !== 0) throw Object.assign(new Error(`${file} failed: ${result.stderr}`), result);
  return result.stdout;
}

Object.assign(childProcess, {
  spawnSync: spawnSyncAndCollect,
  execFileSync,
  execSync: (command: string, options?: Options) => execFileSync(command, { shell: true, ...options }),
});

// Answers: all that comes over a connection which the test opened, with TLS or without, unless the other end is a
// server of the test itself. The service in the test's process is Fastify's.

const ofFastify = new WeakSet<Server>();
diagnostics.channel('fastify.initialization').subscribe((message) => {
  ofFastify.add((message as { fastify: { server: Server } }).fastify.server);
});

const ofTests = new Set<number>();
const { emit } = Server.prototype;
Server.prototype.emit = function (this: Server, event: string, ...args: never[]): boolean {
  const port = event === 'listening' ? (this.address() as AddressInfo | null)?.port : undefined;
  if (port !== undefined && !ofFastify.has(this)) {
    ofTests.add(port);
    this.once('close', () => ofTests.delete(port));
  }
  return (emit as (...all: unknown[]) => boolean).call(this, event, ...args);
} as typeof emit;

const { push } = Socket.prototype;
Socket.prototype.push = function (this: Socket & { server?: Server }, chunk: unknown, ...more): boolean {
  const port = this.server ? undefined : this.remotePort;
  if (chunk instanceof Uint8Array && port !== undefined && !ofTests.has(port))
    collect(`${process.pid}.answers`, chunk);
  return push.call(this, chunk, ...more);
};

// Files: what the service and Node.js leave in a test's folder, before it goes.

const left = /^(?:state\.json.*|replayed.*|report\..*\.json|.*\.(?:heapsnapshot|cpuprofile))$/i;
const { rmSync } = fs;
fs.rmSync = (path, options) => {
  try {
    for (const name of fs.readdirSync(path, { recursive: true, encoding: 'utf8' }))
      if (left.test(basename(name)))
        collect(`${process.pid}.files`, fs.readFileSync(join(String(path), name)));
  } catch {
    // It is a file, or nothing, or somebody else takes it away.
  }
  rmSync(path, options);
};

syncBuiltinESMExports();
