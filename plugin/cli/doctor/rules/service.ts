import { isOn } from '../configuration.ts';
import type { FluentBit } from '../fluent-bit.ts';
import type { Installation, Rule } from '../installation.ts';

/** Batches that one flush can send; below it is said. The shipped value is 8192. */
const leastChunksUp = 1024;

/** Keys of [SERVICE] in a Fluent Bit that delivers, and of its storage. */
export const serviceRules: readonly Rule[] = [
  {
    code: 'D101',
    severity: 'warning',
    title: 'a Fluent Bit that delivers does not flush every 60 seconds',
    reason: 'the rule is that all that was collected goes out every 60 s; one request for each tag and flush',
    check: (installation, report) => {
      for (const { service } of delivering(installation)) {
        const text = service.value('flush') ?? '1';
        if (service.isOpen('flush') || Number.parseFloat(text) === 60) continue;
        report(service.at('flush'), `it delivers every ${text} s, not every 60 s`, 'write Flush 60');
      }
    },
  },
  {
    code: 'D102',
    severity: 'warning',
    title: 'the wait before a retry is not 60 seconds',
    reason:
      'a retry waits uniform(base, min(cap, base*2^n)) + 1 s: 59 and 59 is 60 s, which the gate takes for its clock and ' +
      '`Retry_Limit 10080` for 7 days. By default it is 6 s to half an hour',
    check: (installation, report) => {
      for (const fluentBit of delivering(installation)) {
        const { service } = fluentBit;
        const base = service.value('scheduler.base') ?? '5';
        const cap = service.value('scheduler.cap') ?? '2000';
        if (!service.isOpen('scheduler.base') && base !== '59') {
          const hint = 'write scheduler.base 59';
          report(service.at('scheduler.base'), `a retry comes after ${Number(base) + 1} s, not 60 s`, hint);
        }
        // Without the gate up to 15 minutes are the rule's as well.
        const longest = fluentBit.routes('deliver').length > 0 ? 59 : 899;
        if (!service.isOpen('scheduler.cap') && !(Number(cap) >= 59 && Number(cap) <= longest)) {
          const hint = 'write scheduler.cap 59';
          report(service.at('scheduler.cap'), `a retry may wait for ${Number(cap) + 1} s`, hint);
        }
      }
    },
  },
  {
    code: 'D103',
    severity: 'error',
    title: '`storage.path` is missing',
    reason: 'without it nothing is in files: an input with `storage.type filesystem` does not start',
    check: ({ processes }, report) => {
      for (const fluentBit of processes) {
        const { service, inputs, isDelivering } = fluentBit;
        const isNeeded = isDelivering || inputs.some((input) => fluentBit.isOnDisk(input));
        if (!isNeeded || service.property('storage.path')) continue;
        const hint = 'name a folder of its own: storage.path /var/lib/fluent-bit-siem/delivery';
        report(service.place, 'there is no storage.path: what is acknowledged is in no file', hint);
      }
    },
  },
  {
    code: 'D104',
    severity: 'warning',
    title: '`storage.checksum` is on',
    reason: 'after a kill Fluent Bit throws away chunks it has acknowledged (fluent-bit issue 10952)',
    check: ({ processes }, report) => {
      for (const { service } of processes) {
        if (!isOn(service.value('storage.checksum'))) continue;
        const hint = 'write storage.checksum off';
        report(service.at('storage.checksum'), 'after a kill, acknowledged chunks are thrown away', hint);
      }
    },
  },
  {
    code: 'D105',
    severity: 'warning',
    title: '`storage.sync` is not full',
    reason: 'on disk at each flush; otherwise a power cut costs what was only in the page cache',
    check: (installation, report) => {
      for (const { service } of delivering(installation)) {
        if (service.isOpen('storage.sync') || /^full$/i.test(service.value('storage.sync') ?? '')) continue;
        const hint = 'write storage.sync full';
        report(service.at('storage.sync'), 'a power cut loses what is acknowledged', hint);
      }
    },
  },
  {
    code: 'D106',
    severity: 'warning',
    title: '`storage.max_chunks_up` is small',
    reason: 'it is how many batches one flush can send: the default, 128, is 12,800 records a minute',
    check: (installation, report) => {
      for (const { service } of delivering(installation)) {
        const text = service.value('storage.max_chunks_up') ?? '128';
        if (service.isOpen('storage.max_chunks_up') || !(Number(text) < leastChunksUp)) continue;
        const message = `a flush sends ${text} batches at most: ${Number(text) * 100} records`;
        report(service.at('storage.max_chunks_up'), message, 'write storage.max_chunks_up 8192');
      }
    },
  },
  {
    code: 'D107',
    severity: 'warning',
    title: '`json.escape_unicode` is not off',
    reason:
      'Fluent Bit 5.x writes \\u for every character beyond ASCII and so up to three times the bytes; a batch may ' +
      'then be larger than the receiver takes. 1.8 does not know the key and passes over it',
    check: (installation, report) => {
      for (const { service } of delivering(installation)) {
        const text = service.value('json.escape_unicode');
        if (service.isOpen('json.escape_unicode') || /^(?:off|false|no)$/i.test(text ?? '')) continue;
        const hint = 'write json.escape_unicode off';
        report(service.at('json.escape_unicode'), 'a batch may become three times as large', hint);
      }
    },
  },
  {
    code: 'D108',
    severity: 'error',
    title: 'two processes have one `storage.path`',
    reason: 'each loads and deletes what it finds there, those of the other as well',
    check: ({ processes }, report) => {
      const paths = processes.flatMap(({ service }) => service.property('storage.path') ?? []);
      for (const [index, { value, place }] of paths.entries()) {
        // The same line, which two files include, is one process that can be started in two ways.
        const other = paths
          .slice(0, index)
          .find(
            (one) => one.value === value && (one.place.file !== place.file || one.place.line !== place.line),
          );
        if (!other || value === undefined) continue;
        const message = `${other.place.file}:${other.place.line} has this storage.path, too`;
        report(place, message, 'give each process a folder of its own');
      }
    },
  },
];

function delivering({ processes }: Installation): FluentBit[] {
  return processes.filter(({ isDelivering }) => isDelivering);
}
