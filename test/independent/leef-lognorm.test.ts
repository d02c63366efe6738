import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { destination } from '../helpers.ts';
import { findRsyslog } from '../setup/rsyslog.mjs';
import { anyEvent, hostileEvents, wantedLeef } from './events.ts';
import { type LeefForm, Lognormalizer } from './lognormalizer.ts';

const rsyslog = await findRsyslog();
const forms: readonly LeefForm[] = [
  { version: '2.0', delimiter: '\t' },
  { version: '2.0', delimiter: '^' },
  { version: '1.0', delimiter: '\t' },
];

describe.skipIf(!rsyslog)('liblognorm reads LEEF as it was meant', () => {
  describe.each(forms)('$version with $delimiter between attributes', (form) => {
    const reader = rsyslog && new Lognormalizer(rsyslog);
    const code = `x${form.delimiter.charCodeAt(0).toString(16).padStart(2, '0')}`;
    const settings = destination(`leef, leef: { version: '${form.version}', delimiter: ${code} }`);
    const render = formats.get('leef')!.compile(settings);

    function expectReadBack(events: readonly Event[]): void {
      const lines = events.map((one) => String(render(one, noProblems()).message));
      expect(reader!.readLeef(form, lines)).toEqual(events.map((one) => wantedLeef(one, form)));
    }

    test('of hostile values in every place', () => {
      expectReadBack(hostileEvents);
    });

    test('of any events', () => {
      fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 50 }), expectReadBack), {
        numRuns: 50,
      });
    });
  });
});
