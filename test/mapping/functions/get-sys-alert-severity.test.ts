import { expect, test } from 'vitest';
import { getSysAlertSeverity } from '../../../plugin/mapping/functions/get-sys-alert-severity.ts';

test.each([
  ['SysAlert::SYSALERT_LEVEL_MELTDOWN', 10],
  ['SYSALERT_LEVEL_CRITICAL', 7],
  ['WARNING', 4],
  ['Information', 1],
])('level %s has severity %d', (level, severity) => {
  expect(getSysAlertSeverity.call(level)).toBe(severity);
});

test.each([['5'], [''], [undefined], [null], [7], [{}], [[]], ['constructor']])(
  'level %j, which FileCloud does not have, gives no value',
  (level) => {
    expect(getSysAlertSeverity.call(level)).toBeUndefined();
  },
);
