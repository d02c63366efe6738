import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { mappingSets, mapWith, received } from '../helpers.ts';

/** A mapping file of one-line mappings: what each says its `id` and `prefilter` are, and the event's name. */
function file(head: string, ...mappings: [name: string, selects: string][]): string {
  const lines = mappings.map(
    ([name, selects]) => `  - { ${selects}, map: { eventClass: c, eventName: ${name}, severity: 1 } }`,
  );
  return [head, 'mappings:', ...lines, ''].join('\n');
}

/** The names of the events a record becomes, or the word for none. */
function names(mapping: string | string[], record: Record<string, unknown>, tag = ''): string {
  const outcome = compileMapper(mappingSets(...[mapping].flat()))(record, tag, received, noProblems());
  return outcome.kind === 'mapped' ? outcome.events.map((event) => event.eventName).join(' ') : outcome.kind;
}

describe('the first mapping whose id and prefilter match takes the record', () => {
  const mapping = file(
    '',
    ['failed', 'id: login, prefilter: { ok: 0 }'],
    ['login', 'id: login'],
    ['again', 'id: login'],
  );

  test('in the order of the file', () => {
    expect(names(mapping, { operation: 'login', ok: 0 })).toBe('failed');
    expect(names(mapping, { operation: 'login', ok: 1 })).toBe('login');
  });
  test('and none takes a record with another id', () => {
    expect(names(mapping, { operation: 'logout' })).toBe('unmapped');
    expect(names(mapping, { operation: 'Login' })).toBe('unmapped');
    expect(names(mapping, {})).toBe('unmapped');
  });
  test('over all files of the destination, in their order', () => {
    const first = file('', ['first', 'id: a']);
    const second = file('', ['second', 'id: [a, b]']);
    expect(names([first, second], { operation: 'a' })).toBe('first');
    expect(names([first, second], { operation: 'b' })).toBe('second');
    expect(names([second, first], { operation: 'a' })).toBe('second');
  });
});

describe('mode: all sends one event for each mapping that matches', () => {
  const mapping = file(
    'mode: all',
    ['any', "id: '*'"],
    ['login', 'id: login'],
    ['failed', 'id: login, prefilter: { ok: 0 }'],
  );

  test('in the order of the file', () => {
    expect(names(mapping, { operation: 'login', ok: 0 })).toBe('any login failed');
    expect(names(mapping, { operation: 'login', ok: 1 })).toBe('any login');
    expect(names(mapping, { operation: 'logout' })).toBe('any');
  });
  test('and later files see the record only when none did', () => {
    const other = file('', ['other', "id: '*'"]);
    expect(names([mapping, other], { operation: 'login' })).toBe('any login');
    expect(names([file('mode: all', ['a', 'id: a']), other], { operation: 'b' })).toBe('other');
  });
  test('up to a mapping that excludes the record', () => {
    const excluding = file(
      'mode: all',
      ['one', 'id: a'],
      ['two', 'id: a, prefilter: { x: 1, exclude: true }'],
      ['three', 'id: a'],
    );
    expect(names(excluding, { operation: 'a', x: 1 })).toBe('one');
    expect(names(excluding, { operation: 'a', x: 2 })).toBe('one two three');
  });
});

describe("'*' takes every record where it stands", () => {
  test('one without an id too', () => {
    expect(names(file('', ['any', "id: '*'"]), {})).toBe('any');
    expect(names(file('', ['any', "id: '*'"]), { operation: '' })).toBe('any');
    expect(names(file('', ['any', "id: '*'"]), { operation: '*' })).toBe('any');
  });
  test('before later mappings with the very id', () => {
    const mapping = file(
      '',
      ['meltdown', "id: '*', prefilter: { level: 9 }"],
      ['a', 'id: a'],
      ['rest', "id: '*'"],
    );
    expect(names(mapping, { operation: 'a', level: 9 })).toBe('meltdown');
    expect(names(mapping, { operation: 'a', level: 1 })).toBe('a');
    expect(names(mapping, { operation: 'b', level: 1 })).toBe('rest');
  });
  test('among other ids as well', () => {
    expect(names(file('', ['any', "id: [a, '*']"]), { operation: 'b' })).toBe('any');
  });
});

describe('what id is compared with', () => {
  const mapping = file('', ['login', 'id: login'], ['seven', 'id: 7'], ['list', 'id: "[1]"']);

  test('is operation, and siemArea where operation is empty', () => {
    expect(names(mapping, { operation: 'login', siemArea: 'x' })).toBe('login');
    expect(names(mapping, { operation: '', siemArea: 'login' })).toBe('login');
    expect(names(mapping, { operation: null, siemArea: 'login' })).toBe('login');
    expect(names(mapping, { operation: [], siemArea: 'login' })).toBe('login');
    expect(names(mapping, { operation: 'x', siemArea: 'login' })).toBe('unmapped');
  });
  test('is what idField names instead', () => {
    const other = file('idField: event.type', ['login', 'id: login']);
    expect(names(other, { event: { type: 'login' } })).toBe('login');
    expect(names(other, { event: '{"type":"login"}' })).toBe('login');
    expect(names(other, { operation: 'login' })).toBe('unmapped');
  });
  test('is text', () => {
    expect(names(mapping, { operation: 7 })).toBe('seven');
    expect(names(mapping, { operation: '7' })).toBe('seven');
    expect(names(mapping, { operation: [1] })).toBe('list');
  });
  test.each([
    ['SiemArea::INFECTED_FILE', 'INFECTED_FILE'],
    ['INFECTED_FILE', 'SiemArea::INFECTED_FILE'],
    ['SiemArea::INFECTED_FILE', 'SiemArea::INFECTED_FILE'],
  ])("has FileCloud's constants with or without their class: id %s, record %s", (id, siemArea) => {
    expect(names(file('', ['infected', `id: ${id}`]), { siemArea })).toBe('infected');
  });
  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'length'])('may be %s', (id) => {
    const inherited = file('', ['it', `id: ${id}`]);
    expect(names(inherited, { operation: id })).toBe('it');
    expect(names(inherited, {})).toBe('unmapped');
    expect(names(file('', ['other', 'id: other']), { operation: id })).toBe('unmapped');
  });
});

describe('a prefilter', () => {
  const takes = (prefilter: string, record: Record<string, unknown>): boolean =>
    names(file('', ['it', `id: '*', prefilter: ${prefilter}`]), record) === 'it';

  test('must be met in all its properties', () => {
    expect(takes('{ a: 1, b: 2 }', { a: 1, b: 2 })).toBe(true);
    expect(takes('{ a: 1, b: 2 }', { a: 1, b: 3 })).toBe(false);
    expect(takes('{ a: 1, b: 2 }', { a: 1 })).toBe(false);
    expect(takes('{}', {})).toBe(true);
  });
  test('with a list means any of it', () => {
    expect(takes('{ a: [1, two, true] }', { a: '1' })).toBe(true);
    expect(takes('{ a: [1, two, true] }', { a: 'two' })).toBe(true);
    expect(takes('{ a: [1, two, true] }', { a: true })).toBe(true);
    expect(takes('{ a: [1, two, true] }', { a: 'three' })).toBe(false);
    expect(takes('{ a: [] }', { a: 1 })).toBe(false);
  });
  test.each<[wanted: string, found: unknown]>([
    ['0', 0],
    ['0', '0'],
    ["'0'", 0],
    ["'1'", 1n],
    ['true', true],
    ['true', 'true'],
    ["'false'", false],
    ['1.5', '1.5'],
    ["''", ''],
    ["''", null],
    ['null', undefined],
    ["'[1,2]'", [1, 2]],
    ['SysAlert::SYSALERT_LEVEL_MELTDOWN', 'SYSALERT_LEVEL_MELTDOWN'],
    ['MELTDOWN', 'SysAlert::SYSALERT_LEVEL_MELTDOWN'],
    ['SYSALERT_LEVEL_MELTDOWN', 'MELTDOWN'],
  ])('compares as text: %s is met by %s', (wanted, found) => {
    expect(takes(`{ a: ${wanted} }`, { a: found })).toBe(true);
  });
  test.each<[wanted: string, found: unknown]>([
    ['0', ''],
    ['0', false],
    ['0', null],
    ['1', true],
    ['1', '01'],
    ['1', ' 1'],
    ['a', 'A'],
    ['a', ['a']],
    ['a', undefined],
  ])('compares as text: %s is not met by %s', (wanted, found) => {
    expect(takes(`{ a: ${wanted} }`, { a: found })).toBe(false);
  });
  test('looks into objects, lists and JSON text', () => {
    expect(takes('{ request.op: share }', { request: { op: 'share' } })).toBe(true);
    expect(takes('{ request.op: share }', { request: '{"op":"share"}' })).toBe(true);
    expect(takes('{ list.1: b }', { list: ['a', 'b'] })).toBe(true);
    expect(takes('{ "[\'a.b\']": 1 }', { 'a.b': 1 })).toBe(true);
  });
  test('sees own properties only', () => {
    expect(takes('{ constructor.name: Object }', {})).toBe(false);
    expect(takes("{ constructor: '' }", {})).toBe(true);
    expect(takes('{ list.length: 1 }', { list: ['a'] })).toBe(false);
    expect(takes('{ __proto__: 1 }', JSON.parse('{"__proto__":1}'))).toBe(true);
  });
});

describe('exclude: true turns a prefilter round', () => {
  const mapping = file('', ['kept', 'id: a, prefilter: { ok: 1, exclude: true }'], ['later', "id: '*'"]);

  test('a record that meets it is filtered out, and no later mapping or file sees it', () => {
    expect(names(mapping, { operation: 'a', ok: 1 })).toBe('filtered');
    expect(names([mapping, file('', ['other', "id: '*'"])], { operation: 'a', ok: 1 })).toBe('filtered');
  });
  test('any other with this id is mapped here', () => {
    expect(names(mapping, { operation: 'a', ok: 0 })).toBe('kept');
    expect(names(mapping, { operation: 'a' })).toBe('kept');
  });
  test('a record with another id goes on', () => {
    expect(names(mapping, { operation: 'b', ok: 1 })).toBe('later');
  });
  test('all conditions must be met for a record to go', () => {
    const both = file('', ['kept', 'id: a, prefilter: { x: 1, y: 1, exclude: true }']);
    expect(names(both, { operation: 'a', x: 1, y: 1 })).toBe('filtered');
    expect(names(both, { operation: 'a', x: 1, y: 2 })).toBe('kept');
  });
});

describe('match says which tags a file is for', () => {
  const audit = file('match: filecloud.audit', ['audit', "id: '*'"]);
  const rest = file('match: filecloud.*', ['rest', "id: '*'"]);

  test('as in Fluent Bit', () => {
    expect(names([audit, rest], {}, 'filecloud.audit')).toBe('audit');
    expect(names([audit, rest], {}, 'filecloud.alert')).toBe('rest');
    expect(names([audit, rest], {}, 'syslog')).toBe('unmapped');
  });
  test('and a record without a tag goes to the first', () => {
    expect(names([rest, audit], {}, '')).toBe('rest');
    expect(names([audit, rest], {}, '')).toBe('audit');
  });
  test.each(['__proto__', 'constructor', 'hasOwnProperty'])('a tag may be %s', (tag) => {
    expect(names([audit, rest], {}, tag)).toBe('unmapped');
    expect(names([audit, file('', ['any', "id: '*'"])], {}, tag)).toBe('any');
  });
  test('more tags than are remembered change nothing', () => {
    const map = compileMapper(mappingSets(audit, rest));
    for (let index = 0; index < 2500; index++) {
      expect(map({}, `filecloud.${index}`, received, noProblems()).kind).toBe('mapped');
      expect(map({}, `other.${index}`, received, noProblems()).kind).toBe('unmapped');
    }
  });
});

describe('an event', () => {
  const event = (mapping: string, record: Record<string, unknown>, tag = '') => {
    const outcome = compileMapper(mappingSets(mapping))(record, tag, received, noProblems());
    return outcome.kind === 'mapped' ? outcome.events[0]! : undefined;
  };
  const withTime = (time: string) => `${time}\n${file('', ['n', "id: '*'"])}`;

  test('has the tag of the record', () => {
    expect(event(withTime(''), {}, 'a.b')!.tag).toBe('a.b');
  });
  test.each<[time: string, record: Record<string, unknown>, expected: number]>([
    ['time: $ts', { ts: 1772438437 }, 1772438437000],
    ['time: $ts', { ts: '1772438437123' }, 1772438437123],
    ['time: $ts > $created', { created: '2026-03-02T08:00:37Z' }, 1772438437000],
    ['time: $ts', {}, received],
    ['time: $ts', { ts: '' }, received],
    ['time: $ts', { ts: 'yesterday' }, received],
    ['', { ts: 1772438437 }, received],
  ])("%s of %j: the time is the one it names, else Fluent Bit's", (time, record, expected) => {
    expect(event(withTime(time), record)!.time).toBe(expected);
  });
  test('keeps the types of the values', () => {
    const mapping = `
mappings:
  - id: '*'
    map: { eventClass: $c, eventName: $n, severity: $s, extension: { a: $a, b: $b, c: 1, d: false } }
`;
    const record = { c: 'x', n: 5, s: 7n, a: { k: [1] }, b: true };
    expect(event(mapping, record)).toMatchObject({
      eventClass: 'x',
      eventName: 5,
      severity: 7n,
      extension: [
        ['a', { k: [1] }],
        ['b', true],
        ['c', 1],
        ['d', false],
      ],
    });
  });
});

describe('an empty extension is left out, and its label with it', () => {
  const mapping = `
mappings:
  - id: '*'
    map:
      eventClass: c
      eventName: n
      severity: 1
      extension: { cs1: $a, cs1Label: What a is, b: $b, otherLabel: $c }
`;
  const head = `CEF:0|FileCloud|FileCloud|23.1|c|n|1|rt=${received}`;

  test.each([[undefined], [null], [''], [[]], [{}]])('%j is empty', (a) => {
    expect(mapWith(mapping, { a })).toBe(head);
  });
  test.each<[value: unknown, text: string]>([
    [0, '0'],
    ['0', '0'],
    [false, 'false'],
    [' ', ' '],
    [[null], '[null]'],
    [{ k: '' }, '{"k":""}'],
  ])('%j is a value', (a, text) => {
    expect(mapWith(mapping, { a })).toBe(`${head} cs1=${text} cs1Label=What a is`);
  });
  test('a label that belongs to no key stays', () => {
    expect(mapWith(mapping, { c: 'x' })).toBe(`${head} otherLabel=x`);
  });
  test('a value stays when its label is empty', () => {
    const labelled = mapping.replace('What a is', '$label');
    expect(mapWith(labelled, { a: 1 })).toBe(`${head} cs1=1`);
  });
});

describe("the record's own id", () => {
  const idOf = (mapping: string, record: Record<string, unknown>): unknown => {
    const outcome = compileMapper(mappingSets(mapping))(record, '', received, noProblems());
    return outcome.kind === 'mapped' ? outcome.events.map(({ externalId }) => externalId) : outcome.kind;
  };

  test('is recordId', () => {
    expect(idOf(file('', ['a', "id: '*'"]), { recordId: 'r1', id: 'x' })).toEqual(['r1']);
    expect(idOf(file('', ['a', "id: '*'"]), { id: 'x' })).toEqual([undefined]);
  });
  test('is what externalId names instead, for every event of the record', () => {
    const other = file('mode: all\nexternalId: $uuid > $id', ['a', "id: '*'"], ['b', "id: '*'"]);
    expect(idOf(other, { uuid: '', id: 7, recordId: 'r1' })).toEqual([7, 7]);
  });
  test('and the record stands beside the event', () => {
    const record = { operation: 'login' };
    const outcome = compileMapper(mappingSets(file('', ['a', "id: '*'"])))(
      record,
      't',
      received,
      noProblems(),
    );
    expect(outcome).toMatchObject({ events: [{ record, tag: 't', time: received }] });
  });
});
