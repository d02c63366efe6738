import { isLocal } from '../../../mapping/units.ts';
import { isOn, type Section, toBytes } from '../configuration.ts';
import { addressOf, type FluentBit, isSamePort } from '../fluent-bit.ts';
import type { Installation, Rule } from '../installation.ts';
import { isTaken, tagsOf } from '../tags.ts';

/** Fluent Bit's default Buffer_Max_Size of [INPUT] forward (fw_conn.h); an event may have 6,000,000 bytes. */
const leastForwardBuffer = 6_144_000;

/** [INPUT] sections, and filters that put records back as an input does. */
export const inputRules: readonly Rule[] = [
  {
    code: 'D201',
    severity: 'error',
    title: 'an input keeps what it took in memory',
    reason:
      'what [INPUT] forward acknowledged, and lines that tail has read, count as taken: without ' +
      '`storage.type filesystem` a kill loses them',
    check: (installation, report) => {
      for (const { fluentBit, input } of inputsThatMatter(installation)) {
        if (fluentBit.isOnDisk(input)) continue;
        const message = 'what it took is in memory only: a kill loses it';
        report(input.at('storage.type'), message, 'write storage.type filesystem');
      }
    },
  },
  {
    code: 'D202',
    severity: 'error',
    title: '[INPUT] forward takes only small messages',
    reason: 'a message over `Buffer_Max_Size` is refused by closing the connection; one event may have 6 MB',
    check: (installation, report) => {
      for (const { input } of forwardInputs(installation)) {
        const size = toBytes(input.value('buffer_max_size'));
        if (size === undefined || size >= leastForwardBuffer) continue;
        const message = `a message of more than ${size} bytes breaks the connection`;
        report(input.at('buffer_max_size'), message, 'write Buffer_Max_Size 8M');
      }
    },
  },
  {
    code: 'D203',
    severity: 'warning',
    title: 'tail stops at a long line',
    reason: 'a line over `Buffer_Max_Size` (32 KB by default) ends the reading of its file',
    check: (installation, report) => {
      for (const { input } of inputsThatMatter(installation, 'tail')) {
        if (input.isOpen('skip_long_lines') || isOn(input.value('skip_long_lines'))) continue;
        const message = 'a line longer than Buffer_Max_Size ends the reading of its file';
        report(input.at('skip_long_lines'), message, 'write Skip_Long_Lines On, and Buffer_Max_Size 8M');
      }
    },
  },
  {
    code: 'D204',
    severity: 'warning',
    title: 'tail does not remember how far it has read',
    reason: 'without `DB` a restart leaves out what came meanwhile, or reads everything again',
    check: (installation, report) => {
      for (const { input } of inputsThatMatter(installation, 'tail')) {
        if (input.property('db')) continue;
        const hint = 'write DB /var/lib/fluent-bit-siem/<name>.db';
        report(input.place, 'a restart leaves out lines, or repeats all of them', hint);
      }
    },
  },
  {
    code: 'D205',
    severity: 'error',
    title: 'an input takes more than the service does',
    reason: 'a body over `service.body_limit` is answered 413, and Fluent Bit 3.1 and later drops the chunk',
    check: (installation, report) => {
      const { bodyLimit } = installation.settings;
      for (const { input } of inputsThatMatter(installation)) {
        const size = toBytes(input.value('buffer_max_size'));
        if (size === undefined || size <= bodyLimit) continue;
        const hint = 'make Buffer_Max_Size smaller, or service.body_limit in destinations.yaml larger';
        const message = `a chunk may be larger than the service takes, ${bodyLimit} bytes`;
        report(input.at('buffer_max_size'), message, hint);
      }
    },
  },
  {
    code: 'D206',
    severity: 'warning',
    title: '[INPUT] forward pauses while many chunks wait',
    reason:
      'with `storage.pause_on_chunks_overlimit` the service is answered no more once a SIEM is down for long, and the ' +
      'collector fills up; files are what the backlog is for',
    check: (installation, report) => {
      for (const { input } of forwardInputs(installation)) {
        if (!isOn(input.value('storage.pause_on_chunks_overlimit'))) continue;
        const message = 'while a SIEM is down it closes its connections';
        report(input.at('storage.pause_on_chunks_overlimit'), message, 'take the line out');
      }
    },
  },
  {
    code: 'D207',
    severity: 'warning',
    title: 'rewrite_tag keeps records in memory',
    reason: 'its emitter is an input of its own: what was in files is in memory again, unless told otherwise',
    check: ({ processes }, report) => {
      for (const { filters } of processes) {
        for (const filter of filters) {
          if (filter.plugin !== 'rewrite_tag' || filter.isOpen('emitter_storage.type')) continue;
          if (/^filesystem$/i.test(filter.value('emitter_storage.type') ?? '')) continue;
          const message = 'what it gives a new tag is in memory only: a kill loses it';
          report(filter.at('emitter_storage.type'), message, 'write Emitter_Storage.type filesystem');
        }
      }
    },
  },
  {
    code: 'D208',
    severity: 'warning',
    title: '[INPUT] forward is open to the network',
    reason: 'who reaches it can write events; unset, `Listen` is every address of the machine',
    check: (installation, report) => {
      for (const { input } of forwardInputs(installation)) {
        const address = addressOf(input);
        if (!address || input.isOpen('listen') || isLocal(address) || input.property('shared_key')) continue;
        const hint = 'write Listen 127.0.0.1, or set Shared_Key here and service.forward.shared_key';
        report(input.at('listen'), 'whoever reaches it can write events', hint);
      }
    },
  },
  {
    code: 'D209',
    severity: 'error',
    title: '`Shared_Key` is on one side only',
    reason: 'Fluent Bit then answers no message, or the service waits for a greeting that never comes',
    check: (installation, report) => {
      for (const { fluentBit, input } of forwardInputs(installation)) {
        const hasKey = input.property('shared_key') !== undefined;
        for (const { name, forward } of fluentBit.delivers) {
          if (hasKey === (forward.sharedKey !== undefined)) continue;
          const message = hasKey
            ? `it asks for a shared key, and '${name}' has none in destinations.yaml`
            : `it asks for no shared key, and '${name}' has one in destinations.yaml`;
          const hint = hasKey ? 'set forward.shared_key' : 'set Shared_Key here (Fluent Bit 5.x)';
          report(input.at('shared_key'), message, hint);
        }
      }
    },
  },
  {
    code: 'D210',
    severity: 'error',
    title: '[INPUT] forward changes the tag',
    reason:
      '`Tag` and `Tag_Prefix` take the place of `siem.<destination>.<batch>`: no stanza gets the events',
    check: (installation, report) => {
      for (const { input } of forwardInputs(installation)) {
        const property = input.property('tag') ?? input.property('tag_prefix');
        if (!property) continue;
        report(property.place, 'events lose the tag that says where they go', 'take the line out');
      }
    },
  },
  {
    code: 'D211',
    severity: 'error',
    title: 'an input has the port of the service',
    reason: 'only one of them can listen',
    check: ({ processes, settings }, report) => {
      for (const input of processes.flatMap(({ inputs }) => inputs)) {
        const port = Number(input.value('port'));
        if (!isSamePort(settings.listen, { host: '', port })) continue;
        const hint = 'give it another port, or service.listen in destinations.yaml';
        report(input.at('port'), `the service listens on port ${port}`, hint);
      }
    },
  },
];

/** Inputs by which the service hands events to the Fluent Bit that delivers. */
function forwardInputs({ processes }: Installation): { fluentBit: FluentBit; input: Section }[] {
  return processes
    .filter(({ isDelivering }) => isDelivering)
    .flatMap((fluentBit) => fluentBit.forwardInputs.map((input) => ({ fluentBit, input })));
}

/** Those, and inputs whose records go to the service. */
function inputsThatMatter(
  installation: Installation,
  plugin?: string,
): { fluentBit: FluentBit; input: Section }[] {
  const collecting = installation.processes.flatMap((fluentBit) => {
    const outputs = fluentBit.routes('map').map(({ output }) => output);
    const toService = (input: Section): boolean =>
      outputs.length > 0 && tagsOf(input).some((tag) => isTaken(tag, outputs));
    return fluentBit.inputs
      .filter((input) => input.plugin !== 'forward' || !fluentBit.isDelivering)
      .filter(toService)
      .map((input) => ({ fluentBit, input }));
  });
  return [...forwardInputs(installation), ...collecting].filter(
    ({ input }) => plugin === undefined || input.plugin === plugin,
  );
}
