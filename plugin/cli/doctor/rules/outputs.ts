import { plural } from '../../report.ts';
import type { Section } from '../configuration.ts';
import { deadTag, type FluentBit, isForEvents, matchesEventsOf, routeOf } from '../fluent-bit.ts';
import type { Installation, Rule } from '../installation.ts';

/** 7 days, in seconds. */
const retention = 7 * 86_400;

/** Outputs that speak to nobody, or by a client with time-outs of its own. */
const withoutNetwork = new Set(['file', 'kafka']);

/** A request's body as each provider takes it: one JSON array, or one object a line. */
const bodies: Readonly<Record<string, 'json' | 'json_lines'>> = {
  'splunk-hec': 'json_lines',
  sumo: 'json_lines',
  sentinel: 'json',
  datadog: 'json',
  newrelic: 'json',
};

/** What keeps a chunk until it is delivered. */
export const outputRules: readonly Rule[] = [
  {
    code: 'D501',
    severity: 'error',
    title: 'Fluent Bit gives up before 7 days are over',
    reason:
      '`Retry_Limit` unset is one retry. Behind the gate and towards the service it is no_limits: they say when it is ' +
      'enough. Straight to a SIEM it is 10080, 7 days of 60 s; a stop of Fluent Bit during an outage uses up a few',
    check: (installation, report) => {
      for (const { output, fluentBit } of outputsThatMatter(installation)) {
        if (output.isOpen('retry_limit') || fluentBit.service.isOpen('scheduler.base')) continue;
        const text = output.value('retry_limit')?.toLowerCase();
        if (/^(?:no_limits|false|off)$/.test(text ?? '')) continue;
        const tries = text === 'no_retries' ? 0 : Math.max(1, Math.trunc(Number(text)) || 1);
        const wait = Number(fluentBit.service.value('scheduler.base') ?? 5) + 1;
        const route = routeOf(output);
        const least = tries * wait;
        if (least >= retention && route?.to !== 'deliver') continue;
        const message =
          tries === 0
            ? 'it gives a chunk up at the first failure'
            : text === undefined
              ? 'it gives a chunk up after one retry'
              : `it may give a chunk up after ${duration(least)}: ${tries} ${tries === 1 ? 'retry' : 'retries'}`;
        const hint =
          route || matchesDead(output)
            ? 'write Retry_Limit no_limits'
            : 'write Retry_Limit 10080, and scheduler.base 59 in [SERVICE]';
        report(output.at('retry_limit'), message, hint);
      }
    },
  },
  {
    code: 'D502',
    severity: 'warning',
    title: '`storage.total_limit_size` throws away what waits',
    reason: 'over it Fluent Bit deletes the oldest chunks, and its health check does not see it',
    check: (installation, report) => {
      for (const { output } of outputsThatMatter(installation)) {
        const property = output.property('storage.total_limit_size');
        if (!property || /^(?:off|false|0)$/i.test(property.value ?? '')) continue;
        const hint = 'take the line out and watch the disk; docs/delivery.md has the sizes';
        report(property.place, `over ${property.text} the oldest events are deleted`, hint);
      }
    },
  },
  {
    code: 'D503',
    severity: 'warning',
    title: '`net.io_timeout` is missing',
    reason:
      'by default there is none: a receiver that never answers may hold a chunk for ever. 1.8 refuses the key',
    check: (installation, report) => {
      for (const { output, fluentBit } of outputsThatMatter(installation)) {
        // Who has YAML has 3.2 or later; of the others only the binary tells.
        const isKnown = fluentBit.isYaml || (installation.version ?? 0) >= 2;
        if (!isKnown || withoutNetwork.has(output.plugin) || output.property('net.io_timeout')) continue;
        const message = 'a receiver that never answers holds a chunk for ever';
        report(output.place, message, 'write net.io_timeout 60s');
      }
    },
  },
  {
    code: 'D504',
    severity: 'warning',
    title: 'several threads write one file',
    reason: 'two writers mix their lines',
    check: (installation, report) => {
      for (const { output } of outputsThatMatter(installation)) {
        if (output.plugin !== 'file' || !(Number(output.value('workers') ?? 1) > 1)) continue;
        report(output.at('workers'), 'their lines are mixed', 'write Workers 1');
      }
    },
  },
  {
    code: 'D505',
    severity: 'error',
    title: 'the body is not what the provider takes',
    reason:
      'Splunk and Sumo Logic take one object a line; Datadog, New Relic and Sentinel one JSON array (Sentinel answers 204 ' +
      'to a bare object and does not store it); and `json_date_key` adds a key to each event',
    check: (installation, report) => {
      for (const { output, fluentBit } of outputsThatMatter(installation)) {
        const destination = installation.destinations.find((one) => matchesEventsOf(output, one));
        if (output.plugin !== 'http' || routeOf(output) || !destination || !fluentBit.isDelivering) continue;
        const format = (output.value('format') ?? 'unset').toLowerCase();
        const expected = bodies[destination.format];
        const isFit = expected === undefined ? /^json(?:_lines)?$/.test(format) : format === expected;
        if (!output.isOpen('format') && !isFit) {
          const hint = `write Format ${expected ?? 'json'}`;
          report(output.at('format'), `${destination.format} is no body of format ${format}`, hint);
        }
        if (output.isOpen('json_date_key')) continue;
        if (/^(?:false|off)$/i.test(output.value('json_date_key') ?? '')) continue;
        const message = 'Fluent Bit adds a key to each event';
        report(output.at('json_date_key'), message, 'write json_date_key false');
      }
    },
  },
];

/** Outputs on a record's way: to the service, and from there on. */
export function outputsThatMatter({ processes }: Installation): { output: Section; fluentBit: FluentBit }[] {
  return processes.flatMap((fluentBit) =>
    fluentBit.outputs
      .filter(
        (output) =>
          routeOf(output) || (fluentBit.isDelivering && (isForEvents(output) || matchesDead(output))),
      )
      .map((output) => ({ output, fluentBit })),
  );
}

function matchesDead(output: Section): boolean {
  return (output.value('match') ?? '').startsWith('siem.dead') && output.matches(deadTag);
}

/** In words, rounded down: what is nearly a week is none. */
function duration(seconds: number): string {
  const units = [[86_400, 'day'] as const, [3600, 'hour'] as const, [60, 'minute'] as const];
  const [length, unit] = units.find(([one]) => seconds >= 2 * one) ?? [1, 'second'];
  return plural(Math.floor(seconds / length), unit);
}
