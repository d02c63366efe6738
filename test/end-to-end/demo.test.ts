import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

const main = join(packageRoot, 'dist', 'main.js');

test('the demo shows records, CEF and JSON, and ends with all of them received', {
  timeout: 180_000,
}, async () => {
  const { path } = await findFluentBit();
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'demo', '--records', '500'], {
    encoding: 'utf8',
    env: { ...process.env, FLUENT_BIT: path },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain(
    'CEF   CEF:0|FileCloud|FileCloud|23.1|FileOperations|downloadfile|2|rt=1772438437000 externalId=65e2380cb582c134c9609f45 suser=john.doe',
  );
  expect(stdout).toMatch(/^ {2}JSON {2}\{"time":1772438437,"source":"filecloud.audit"/m);
  expect(stdout).toMatch(/^sent 569, mapped \d+, received \d+$/m);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^demo: 569 sent, 569 received, largest request (\d{1,2}|100), 0 duplicates$/,
  );
});

test('a Fluent Bit that does not run is said at once', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, 'demo'], {
    encoding: 'utf8',
    env: { ...process.env, FLUENT_BIT: '/nowhere/fluent-bit' },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('FLUENT_BIT=/nowhere/fluent-bit');
  expect(stderr).not.toMatch(/^ {4}at /m);
});
