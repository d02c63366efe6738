import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  isLocal,
  parseAddress,
  parseDuration,
  parseSize,
} from '../../plugin/mapping/units.ts';

describe('lengths of time, in milliseconds', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1500],
    [' 2 m ', 120_000],
  ])('%j is %d', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
  test.each(['', '30', '0s', '-1s', '1w', '1S', '1e3s', 's', '1m30s', '.5s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('sizes, in bytes', () => {
  test.each([
    [1000, 1000],
    ['1000000', 1_000_000],
    ['10B', 10],
    ['900KB', 900_000],
    ['64MB', 64_000_000],
    ['1gb', 1_000_000_000],
    ['1KiB', 1024],
    ['1MiB', 1_048_576],
    ['1.5 kB', 1500],
  ])('%j is %d', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
  test.each(['', 0, -1, '0', '-1', '5TB', '1M', 'MB', '0.1B', '1e6', 1.5e21])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1:24224', { host: '127.0.0.1', port: 24224 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['[::1]:2021', { host: '::1', port: 2021 }],
    ['unix:/run/fluent.sock', { path: '/run/fluent.sock' }],
    ['/run/fluent.sock', { path: '/run/fluent.sock' }],
  ])('%s is one', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });
  test.each([
    '',
    'localhost',
    '24224',
    ':24224',
    'localhost:',
    'localhost:65536',
    'localhost:x',
    '::1:2021',
    '[::1]',
    'http://localhost:2021',
    'a b:1',
    'unix:relative.sock',
    'unix:',
    '/',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
  test.each(['127.0.0.1:1', '[::1]:1', 'unix:/run/x'])('%s is written as it is read', (text) => {
    expect(formatAddress(parseAddress(text)!)).toBe(text);
  });
});

test.each(['127.0.0.1:1', '127.1.2.3:1', 'localhost:1', 'LOCALHOST:1', '[::1]:1', 'unix:/run/x'])(
  'only this machine reaches %s',
  (text) => {
    expect(isLocal(parseAddress(text)!)).toBe(true);
  },
);

test.each([
  '0.0.0.0:1',
  '[::]:1',
  '10.0.0.1:1',
  'example.org:1',
  '127.0.0.1.example.org:1',
  'localhost.evil:1',
  '[::ffff:10.0.0.1]:1',
])('others reach %s', (text) => {
  expect(isLocal(parseAddress(text)!)).toBe(false);
});
