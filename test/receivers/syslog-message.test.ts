import { describe, expect, test } from 'vitest';
import { parseSyslog } from './syslog-message.ts';

describe('RFC 5424', () => {
  test('a CEF line', () => {
    expect(parseSyslog('<109>1 2026-03-02T08:00:00.125Z gw1 acme - login - CEF:0|Acme|')).toEqual({
      format: 'rfc5424',
      facility: 13,
      severity: 5,
      timestamp: '2026-03-02T08:00:00.125Z',
      time: 1772438400125,
      host: 'gw1',
      app: 'acme',
      procId: undefined,
      msgId: 'login',
      structuredData: {},
      hasBom: false,
      rest: 'CEF:0|Acme|',
    });
  });

  test('a byte-order mark before the text is seen', () => {
    expect(parseSyslog('<0>1 - - - - - - \ufeffCEF:0|')).toMatchObject({ hasBom: true, rest: 'CEF:0|' });
  });

  test('nothing but the header', () => {
    expect(parseSyslog('<191>1 - - - - - -')).toMatchObject({ facility: 23, severity: 7, rest: '' });
    expect(parseSyslog('<0>1 - - - - - - ')).toMatchObject({
      facility: 0,
      severity: 0,
      time: undefined,
      rest: '',
    });
  });

  test('structured data', () => {
    const text = String.raw`<13>1 - h a 1 m [x@1 a="b" c="\"\\\]" d=""][y] text [z]`;
    expect(parseSyslog(text)).toMatchObject({
      structuredData: { 'x@1': { a: 'b', c: '"\\]', d: '' }, y: {} },
      rest: 'text [z]',
    });
  });

  test.each([
    ['no priority', '1 - - - - - -', 'no priority'],
    ['a priority of 192', '<192>1 - - - - - -', 'no priority'],
    ['a zero before the priority', '<013>1 - - - - - -', 'no priority'],
    ['another version', '<13>2 - - - - - -', 'no version 1'],
    ['two spaces', '<13>1  - - - - - -', 'no timestamp'],
    ['a field too few', '<13>1 - - - - -', 'no message id'],
    ['a time without a zone', '<13>1 2026-03-02T08:00:00 - - - - -', 'no timestamp'],
    ['small letters in a time', '<13>1 2026-03-02t08:00:00z - - - - -', 'no timestamp'],
    ['nanoseconds', '<13>1 2026-03-02T08:00:00.1234567Z - - - - -', 'no timestamp'],
    ['a leap second', '<13>1 2026-06-30T23:59:60Z - - - - -', 'no timestamp'],
    ['30 February', '<13>1 2026-02-30T08:00:00Z - - - - -', 'no timestamp'],
    ['epoch seconds', '<13>1 1772438400 - - - - -', 'no timestamp'],
    ['a host that is no ASCII', '<13>1 - zürich - - - -', 'no hostname'],
    ['a host of 256 characters', `<13>1 - ${'h'.repeat(256)} - - - -`, 'hostname longer than 255'],
    ['an app of 49 characters', `<13>1 - - ${'a'.repeat(49)} - - -`, 'app name longer than 48'],
    ['a process id of 129 characters', `<13>1 - - - ${'1'.repeat(129)} - -`, 'process id longer than 128'],
    ['a message id of 33 characters', `<13>1 - - - - ${'m'.repeat(33)} -`, 'message id longer than 32'],
    ['no structured data', '<13>1 - - - - - CEF:0|', 'no structured data'],
    ['structured data that is not closed', '<13>1 - - - - - [x a="b" text', 'no ] after structured data'],
    ['a quote that is not escaped', '<13>1 - - - - - [x a="b"c"] text', 'no ] after structured data'],
    ['an element twice', '<13>1 - - - - - [x][x] text', 'element x appears twice'],
    ['a second header', '<13>1 - - - - - - \ufeff<14>1 - - - - - - CEF:0|', 'a second header'],
    ['no space before the text', '<13>1 - - - - - -CEF:0|', 'no space before the text'],
  ])('%s is refused', (_what, text, reason) => {
    expect(() => parseSyslog(text)).toThrow(reason);
  });
});

describe('RFC 3164', () => {
  test('a LEEF line has no tag', () => {
    expect(parseSyslog('<109>Mar  2 08:00:00 gw1 LEEF:2.0|Acme|')).toEqual({
      format: 'rfc3164',
      facility: 13,
      severity: 5,
      timestamp: 'Mar  2 08:00:00',
      time: undefined,
      host: 'gw1',
      app: undefined,
      procId: undefined,
      msgId: undefined,
      structuredData: {},
      hasBom: false,
      rest: 'LEEF:2.0|Acme|',
    });
  });

  test('a line may lack a host: that is seen', () => {
    expect(parseSyslog('<14>Mar  2 08:00:00 CEF:0|Acme| a=b')).toMatchObject({
      host: undefined,
      rest: 'CEF:0|Acme| a=b',
    });
  });

  test('a tag, with a process id or without', () => {
    expect(parseSyslog('<13>Feb 29 23:59:59 h sshd[42]: in')).toMatchObject({
      app: 'sshd',
      procId: '42',
      rest: 'in',
    });
    expect(parseSyslog('<13>Nov 22 10:00:00 h su: in: out')).toMatchObject({ app: 'su', rest: 'in: out' });
    expect(parseSyslog('<13>Nov 22 10:00:00 h two words')).toMatchObject({
      app: undefined,
      rest: 'two words',
    });
  });

  test('a byte-order mark is seen', () => {
    expect(parseSyslog('<13>Nov 22 10:00:00 h \ufeffCEF:0|')).toMatchObject({ hasBom: true, rest: 'CEF:0|' });
  });

  test.each([
    ['no time', '<13>CEF:0|Acme', 'no timestamp'],
    ['a time of ISO 8601', '<13>2026-03-02T08:00:00Z h CEF:0|', 'no version 1'],
    ['a zero before the day', '<13>Mar 02 08:00:00 h CEF:0|', 'no timestamp'],
    ['a day without its space', '<13>Mar 2 08:00:00 h CEF:0|', 'no timestamp'],
    ['30 February', '<13>Feb 30 08:00:00 h CEF:0|', 'no timestamp'],
    ['no month', '<13>Mrz  2 08:00:00 h CEF:0|', 'no timestamp'],
    ['hour 24', '<13>Mar  2 24:00:00 h CEF:0|', 'no timestamp'],
    ['a fraction of a second', '<13>Mar  2 08:00:00.5 h CEF:0|', 'no timestamp'],
    ['no host', '<13>Mar  2 08:00:00  CEF:0|', 'no hostname'],
    ['a header for a host', '<13>Mar  2 08:00:00 <14>Mar  2 08:00:00 h CEF:0|', 'no hostname'],
    ['a second header', '<13>Mar  2 08:00:00 h <14>Mar  2 08:00:00 h CEF:0|', 'a second header'],
  ])('%s is refused', (_what, text, reason) => {
    expect(() => parseSyslog(text)).toThrow(reason);
  });
});
