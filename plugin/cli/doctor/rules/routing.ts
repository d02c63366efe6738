import { formatAddress } from '../../../mapping/units.ts';
import { deadTag, type FluentBit, isForEvents, matchesEventsOf, sampleTag } from '../fluent-bit.ts';
import type { Installation, Rule } from '../installation.ts';
import { isTaken, tagsOf } from '../tags.ts';

/** Which output gets which tag. */
export const routingRules: readonly Rule[] = [
  {
    code: 'D401',
    severity: 'error',
    title: 'no output matches what an input takes',
    reason: 'Fluent Bit throws it away and says nothing',
    check: ({ processes }, report) => {
      for (const { inputs, outputs, filters } of processes) {
        for (const input of inputs) {
          // With these the tag does not decide.
          if (input.property('routes') || filters.some(({ plugin }) => plugin === 'rewrite_tag')) continue;
          const lost = tagsOf(input).find((tag) => tag !== undefined && !isTaken(tag, outputs));
          if (lost === undefined) continue;
          const hint = 'correct Tag here or Match there; outputs/map.conf takes filecloud.* and filescom.*';
          report(input.at('tag'), `no output matches '${lost}': its records are thrown away`, hint);
        }
      }
    },
  },
  {
    code: 'D402',
    severity: 'error',
    title: 'no output delivers the events of a destination',
    reason: 'they are acknowledged and then thrown away',
    check: ({ processes }, report) => {
      for (const { delivers, forwardInputs, outputs } of processes) {
        for (const destination of delivers) {
          if (outputs.some((output) => matchesEventsOf(output, destination))) continue;
          const hint = `include its stanza of outputs/, with Match siem.${destination.name}.*`;
          const message = `no output matches siem.${destination.name}.*: its events are thrown away`;
          report(forwardInputs[0]!.place, message, hint);
        }
      }
    },
  },
  {
    code: 'D403',
    severity: 'error',
    title: 'no output takes the dead letters',
    reason: 'what could not become an event, or was refused, is thrown away and not set aside',
    check: (installation, report) => {
      for (const { outputs, service } of delivering(installation)) {
        if (outputs.some((output) => output.matches(deadTag))) continue;
        const hint = 'add @INCLUDE outputs/dead-letter.conf';
        report(service.place, 'no output matches siem.dead.*: dead letters are thrown away', hint);
      }
    },
  },
  {
    code: 'D404',
    severity: 'error',
    title: 'events arrive elsewhere',
    reason: 'a stanza gets only what comes in by [INPUT] forward of the same process',
    check: ({ processes, destinations }, report) => {
      for (const destination of destinations) {
        if (processes.some(({ delivers }) => delivers.includes(destination))) continue;
        for (const { outputs, forwardInputs, service } of processes) {
          if (!outputs.some((output) => isForEvents(output) && matchesEventsOf(output, destination)))
            continue;
          const input = forwardInputs[0];
          const address = formatAddress(destination.forward.address);
          const message = `events of '${destination.name}' are sent to ${address}, where nobody listens`;
          const hint = "set Port to it, or the destination's forward in destinations.yaml to this one";
          report(
            input?.at(input.property('unix_path') ? 'unix_path' : 'port') ?? service.place,
            message,
            hint,
          );
        }
      }
    },
  },
  {
    code: 'D405',
    severity: 'error',
    title: 'one output takes events of all kinds',
    reason:
      '`Match *` and `Match siem.*` send events of every destination, and dead letters, to one place as they are',
    check: (installation, report) => {
      const names = [...installation.destinations.map(({ name }) => name), 'dead'];
      for (const { outputs, isDelivering } of installation.processes) {
        if (!isDelivering) continue;
        for (const output of outputs) {
          if (names.filter((name) => output.matches(sampleTag(name))).length < 2) continue;
          // A loop is more than that: D307.
          if (/^\/map/.test(output.value('uri') ?? '')) continue;
          const place = output.property('match') ? output.at('match') : output.at('match_regex');
          report(
            place,
            'it takes the events of every destination, and dead letters',
            'name one: siem.<destination>.*',
          );
        }
      }
    },
  },
  {
    code: 'D406',
    severity: 'warning',
    title: 'two outputs take the same events',
    reason:
      'after a restart both get all again when it was pending for one; and what goes past the gate knows none of its rules',
    check: ({ processes, destinations }, report) => {
      for (const fluentBit of processes) {
        for (const destination of destinations) {
          const { name, batch } = destination;
          const outputs = fluentBit.outputsFor(destination).filter(isForEvents);
          const gate = fluentBit
            .routes('deliver')
            .find(({ route, output }) => route.destination === name && outputs.includes(output));
          const first = gate ? [gate.output, ...outputs.filter((one) => one !== gate.output)] : outputs;
          // With a batch for each tag, a stanza for each of them is what is wanted.
          const other = first.find((output, index) =>
            first
              .slice(0, index)
              .some(
                (before) => batch.by === 'destination' || before.value('match') === output.value('match'),
              ),
          );
          if (!other) continue;
          const message = gate
            ? `events of '${name}' also go past the gate`
            : `events of '${name}' are delivered twice`;
          report(other.at('match'), message, 'keep one of the two stanzas');
        }
      }
    },
  },
  {
    code: 'D407',
    severity: 'warning',
    title: 'one process delivers several destinations',
    reason:
      'once 16,384 chunks are being retried for a dead SIEM (2,048 before Fluent Bit 4.0) every other output of its ' +
      'process stands still',
    check: ({ processes, destinations }, report) => {
      for (const { outputs } of processes) {
        const stanzas = outputs.filter(isForEvents);
        const names = destinations.filter((one) => stanzas.some((output) => matchesEventsOf(output, one)));
        const [, second] = names;
        if (!second) continue;
        const stanza = stanzas.find((output) => matchesEventsOf(output, second))!;
        const message = `a dead SIEM holds up the others: ${names.map(({ name }) => name).join(', ')}`;
        const hint = "give each a Fluent Bit of its own, with its own 'forward:', Port and storage.path";
        report(stanza.at('match'), message, hint);
      }
    },
  },
  {
    code: 'D408',
    severity: 'warning',
    title: 'a filter changes finished events',
    reason: 'events are as the SIEM is to get them: a key more, and a receiver may refuse them',
    check: (installation, report) => {
      for (const { filters } of delivering(installation)) {
        for (const filter of filters) {
          const taken = installation.destinations.find(({ name }) => filter.matches(sampleTag(name)));
          if (!taken) continue;
          const message = `it changes events of '${taken.name}' after they were formatted`;
          const hint = 'name the tags of what is collected, for example Match filecloud.*';
          report(filter.property('match') ? filter.at('match') : filter.at('match_regex'), message, hint);
        }
      }
    },
  },
  {
    code: 'D409',
    severity: 'warning',
    title: 'nothing is sent to a destination',
    reason: 'one stanza to `/map/<destination>` for each; a collector that was not given may have it',
    check: (installation, report) => {
      const routes = installation.processes
        .flatMap((one) => one.routes('map'))
        .map(({ route }) => route.destination);
      if (routes.length === 0) return;
      for (const { name } of installation.destinations) {
        if (routes.includes(name)) continue;
        const hint = `add a copy of outputs/map.conf with URI /map/${name}`;
        report(installation.placeOf(name), `no output sends to /map/${name}`, hint);
      }
    },
  },
  {
    code: 'D410',
    severity: 'warning',
    title: 'no Fluent Bit delivers a destination',
    reason: 'the service then answers 503, and the collector keeps the records',
    check: (installation, report) => {
      const { processes, destinations } = installation;
      if (!processes.some(({ isDelivering }) => isDelivering)) return;
      for (const destination of destinations) {
        const { name, forward } = destination;
        const isGiven = processes.some(
          ({ delivers, outputs }) =>
            delivers.includes(destination) ||
            outputs.some((output) => isForEvents(output) && matchesEventsOf(output, destination)),
        );
        if (isGiven) continue;
        const message = `none of the configurations has [INPUT] forward at ${formatAddress(forward.address)}`;
        report(installation.placeOf(name), message, 'give the one that delivers it with --fluent-bit');
      }
    },
  },
];

function delivering({ processes }: Installation): FluentBit[] {
  return processes.filter(({ isDelivering }) => isDelivering);
}
