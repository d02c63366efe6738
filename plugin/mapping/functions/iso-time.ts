import { parseTime } from '../time.ts';
import type { MappingFunction } from './types.ts';

export const isoTime: MappingFunction = {
  name: 'isoTime',
  description:
    'A time as ISO 8601 in UTC, with milliseconds. It may be given as seconds, milliseconds or ISO 8601.',
  parameters: [{ name: 'time' }],
  example: { args: [1772446830], result: '2026-03-02T10:20:30.000Z' },
  call: (time) => {
    const milliseconds = parseTime(time);
    return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
  },
};
