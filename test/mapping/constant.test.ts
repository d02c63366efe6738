import { expect, test } from 'vitest';
import { constantName, withoutConstantPrefix } from '../../plugin/mapping/constant.ts';

test.each([
  ['SiemArea::INFECTED_FILE', 'INFECTED_FILE'],
  ['SysAlert::SYSALERT_LEVEL_MELTDOWN', 'SYSALERT_LEVEL_MELTDOWN'],
  ['INFECTED_FILE', 'INFECTED_FILE'],
  ['MySiemArea::X', 'MySiemArea::X'],
  ['siemarea::X', 'siemarea::X'],
])('the name of constant %s is %s', (text, name) => {
  expect(constantName(text)).toBe(name);
});

test.each([
  ['SysAlert::SYSALERT_LEVEL_MELTDOWN', 'MELTDOWN'],
  ['SYSALERT_LEVEL_MELTDOWN', 'MELTDOWN'],
  ['MELTDOWN', 'MELTDOWN'],
  ['SysAlert::SYSALERT_TYPE_QUOTA_EXCEEDED', 'QUOTA_EXCEEDED'],
  ['SiemArea::INFECTED_FILE', 'INFECTED_FILE'],
  ['SYSALERT_OTHER', 'SYSALERT_OTHER'],
  ['downloadfile', 'downloadfile'],
  ['', ''],
])('%j is compared as %j, in mappings and in records', (text, compared) => {
  expect(withoutConstantPrefix(text)).toBe(compared);
});
