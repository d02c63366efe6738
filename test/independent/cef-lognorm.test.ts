import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { findRsyslog } from '../setup/rsyslog.mjs';
import { anyEvent, hostileEvents, wantedCef } from './events.ts';
import { Lognormalizer } from './lognormalizer.ts';

const rsyslog = await findRsyslog();

describe.skipIf(!rsyslog)("liblognorm's CEF parser reads what was meant", () => {
  const reader = rsyslog && new Lognormalizer(rsyslog);
  const settings = destination('cef');
  const render = formats.get('cef')!.compile(settings);
  const lineOf = (one: Event): string => String(render(one, noProblems()).message);

  function expectReadBack(events: readonly Event[]): void {
    const wanted = events.map((one) => reader!.asRead(wantedCef(one)));
    expect(reader!.readCef(events.map(lineOf))).toEqual(wanted);
  }

  test('of hostile values in every place', () => {
    expectReadBack(hostileEvents);
  });

  test('of any events', () => {
    // One process reads the lines of many events: it takes longer to start than to read them.
    fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 50 }), expectReadBack));
  });

  test('of a device that has what a header must escape', () => {
    const device = { vendor: 'a|b\\', product: '\\|=', version: '1\n2' };
    const line = String(
      formats.get('cef')!.compile({ ...settings, device })(eventOf({}), noProblems()).message,
    );
    expect(reader!.readCef([line])).toMatchObject([
      { DeviceVendor: 'a|b\\', DeviceProduct: '\\|=', DeviceVersion: '1 2' },
    ]);
  });

  test('and refuses what is escaped wrongly', () => {
    const right = lineOf(eventOf({ extension: [['a', 'b']] }));
    expect(right).toBe(`CEF:0|FileCloud|FileCloud|23.1|c|n|2|rt=${received} a=b`);
    for (const wrong of [`${right}\\|`, `${right}\\t`, `${right} = c`, right.replace('|n|', '|\\=|')])
      expect(() => reader!.readCef([wrong])).toThrow('refused');
  });
});
