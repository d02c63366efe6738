import { withoutConstantPrefix } from '../constant.ts';
import type { MappingFunction } from './types.ts';

// FileCloud's "Managing SIEM Mappings": the only method it has out of the box, and its four levels.
const severities = new Map([
  ['MELTDOWN', 10],
  ['CRITICAL', 7],
  ['WARNING', 4],
  ['INFORMATION', 1],
]);

export const getSysAlertSeverity: MappingFunction = {
  name: 'getSysAlertSeverity',
  description:
    "The SIEM severity of a FileCloud system alert's level: Meltdown 10, Critical 7, Warning 4, Information 1. " +
    'The level may be written with or without its class and prefix. Any other level gives no value.',
  parameters: [{ name: 'level' }],
  example: { args: ['SysAlert::SYSALERT_LEVEL_CRITICAL'], result: 7 },
  call: (level) => severities.get(withoutConstantPrefix(String(level)).toUpperCase()),
};
