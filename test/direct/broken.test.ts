import { expect, test, vi } from 'vitest';
import { entry5 } from '../fluent/samples.ts';
import { mappingSets } from '../helpers.ts';
import { expectSame, outcomesOf, twins } from './twins.ts';

/** WebAssembly that breaks off, as it does where it would reach beyond its memory. */
const broken = vi.hoisted(() => ({ run: false, write: false, scan: false }));

vi.mock('../../plugin/direct/assembly.ts', async (original) => {
  const assembly = await original<typeof import('../../plugin/direct/assembly.ts')>();
  const { RuntimeError } = (globalThis as unknown as { WebAssembly: { RuntimeError: new () => Error } })
    .WebAssembly;
  const unless = <Args extends unknown[]>(
    part: keyof typeof broken,
    call: (...args: Args) => number,
  ): ((...args: Args) => number) => {
    return (...args) => {
      if (broken[part]) throw new RuntimeError();
      return call(...args);
    };
  };
  return {
    ...assembly,
    run: unless('run', assembly.run),
    scan: unless('scan', assembly.scan),
    writeLine: unless('write', assembly.writeLine),
    writeObject: unless('write', assembly.writeObject),
  };
});

const sets = mappingSets(
  `mappings: [{ id: '*', map: { eventClass: c, eventName: $operation, severity: 1, extension: { suser: $who } } }]`,
);

test.each(['cef', 'splunk-hec'])('%s: records arrive all the same where WebAssembly breaks off', (format) => {
  const pair = twins(sets, format);
  const body = Buffer.concat(
    Array.from({ length: 20 }, (_, index) => entry5({ operation: `name ${index % 3}`, who: 'w' })),
  );
  for (const parts of [['run'], ['run', 'write'], ['run', 'write', 'scan'], []]) {
    for (const part of ['run', 'write', 'scan'] as const) broken[part] = parts.includes(part);
    expectSame(pair, body, 'audit');
  }
  broken.scan = true;
  expect(outcomesOf(pair, [body], 'audit').get('unfit')).toBe(1);
});
