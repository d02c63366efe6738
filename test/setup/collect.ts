// What the service says in any test, however it was started: its output, and its answers to what the test asks.

import type { ChildProcess } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { collect } from '../secrets/collect.ts';

let processes = 0;

diagnostics.channel('child_process').subscribe((message) => {
  const { process: child } = message as { process: ChildProcess };
  // It has a command and streams once `spawn` returns.
  queueMicrotask(() => {
    const [, program = ''] = child.spawnargs ?? [];
    if (!/^(main\.js|fluent-bit-siem)$/.test(basename(program))) return;
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

const paths = /^\/(map|deliver|destinations|health|ready|metrics)\b/;
const { fetch } = globalThis;

globalThis.fetch = async (...args) => {
  const response = await fetch(...args);
  const url = new URL(response.url);
  if (url.hostname === '127.0.0.1' && paths.test(url.pathname)) {
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    const keep = (text: string): void =>
      collect(`${process.pid}.answers`, `${url.pathname}\n${head}\n${text}\n`);
    // A body that ends early is the test's wish.
    response
      .clone()
      .text()
      .then(keep, () => {});
  }
  return response;
};
