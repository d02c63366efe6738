import { parseTime } from '../time.ts';
import type { MappingFunction } from './types.ts';

export const epochSeconds: MappingFunction = {
  name: 'epochSeconds',
  description: 'A time as whole seconds since 1970. It may be given as seconds, milliseconds or ISO 8601.',
  parameters: [{ name: 'time' }],
  example: { args: ['2026-03-02T10:20:30.500Z'], result: 1772446830 },
  call: (time) => {
    const milliseconds = parseTime(time);
    return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
  },
};
