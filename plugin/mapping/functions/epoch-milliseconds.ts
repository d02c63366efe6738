import { parseTime } from '../time.ts';
import type { MappingFunction } from './types.ts';

export const epochMilliseconds: MappingFunction = {
  name: 'epochMilliseconds',
  description:
    'A time as milliseconds since 1970: what the time fields of CEF want. It may be given as seconds, milliseconds or ISO 8601.',
  parameters: [{ name: 'time' }],
  example: { args: ['2026-03-02T10:20:30.500Z'], result: 1772446830500 },
  call: parseTime,
};
