import { readdirSync } from 'node:fs';
import type { Family } from './family.ts';

const startedAt = Date.now() - process.uptime() * 1000;

/** What Prometheus' own client libraries tell of a process; with several workers it is that of the first. */
export function processFamilies(version: string): Family[] {
  const { user, system } = process.cpuUsage();
  const descriptors = openDescriptors();
  const one = (
    name: string,
    type: 'counter' | 'gauge',
    unit: string,
    help: string,
    value: number,
  ): Family => ({
    name,
    type,
    unit,
    help,
    points: [{ labels: {}, value }],
  });
  return [
    one('process.cpu', 'counter', 's', 'CPU time, user and system.', (user + system) / 1e6),
    one('process.resident_memory', 'gauge', 'By', 'Resident memory.', process.memoryUsage.rss()),
    one('process.start_time', 'gauge', 's', 'When the process was started, Unix time.', startedAt / 1000),
    ...(descriptors === undefined
      ? []
      : [one('process.open_fds', 'gauge', '', 'Open file descriptors.', descriptors)]),
    {
      name: 'fluent_bit_siem.build_info',
      type: 'gauge',
      unit: '',
      help: 'What is running.',
      points: [{ labels: { version, node: process.version }, value: 1 }],
    },
  ];
}

/** undefined where the system does not tell. */
function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
