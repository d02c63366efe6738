import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { activityOf, outcomeOf } from '../../plugin/format/activity.ts';
import { compileEcs } from '../../plugin/format/ecs.ts';
import { compileOcsf } from '../../plugin/format/ocsf.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { anyText } from './arbitraries.ts';

const ecs = (more: Partial<Event>, problems = noProblems()): unknown =>
  compileEcs(destination('ecs'))(eventOf(more), problems);
const ocsf = (more: Partial<Event>, problems = noProblems()): unknown =>
  compileOcsf(destination('ocsf'))(eventOf(more), problems);

const download: Partial<Event> = {
  eventClass: 'FileOperations',
  eventName: 'downloadfile',
  severity: 2,
  tag: 'filecloud.audit',
  externalId: 'r1',
  extension: [
    ['suser', 'ana'],
    ['src', '192.0.2.1'],
    ['fname', 'a.pdf'],
    ['filePath', '/docs/a.pdf'],
    ['fsize', '1048576'],
    ['fileHash', '9E107D9D372BB6826BD81D3542A419D6'],
    ['requestClientApplication', 'Web browser'],
    ['cs1', { pii: true }],
    ['cs1Label', 'Metadata'],
  ],
};

const failedLogin: Partial<Event> = {
  eventClass: 'sftp.login.failed',
  eventName: 'SFTP login failed',
  severity: 'High',
  extension: [
    ['suser', 'root'],
    ['suid', 7],
    ['src', '203.0.113.9'],
    ['dst', '198.51.100.1'],
    ['dpt', 22],
    ['outcome', 'failure'],
    ['reason', 'bad password'],
  ],
};

describe('what an event is about is told by its words', () => {
  const withFile: Event['extension'] = [['fname', 'a']];
  test.each<[activity: string, words: Partial<Event>]>([
    ['login', { eventName: 'loginguest' }],
    ['login', { eventName: 'adminlogin' }],
    ['login', { eventName: 'samlsso' }],
    ['login', { eventName: 'Sign in' }],
    ['login', { eventClass: 'history.failedlogin' }],
    ['logout', { eventName: 'logoutprofile' }],
    ['download', { eventName: 'downloadfilemulti', extension: withFile }],
    ['upload', { eventName: 'upload', extension: withFile }],
    ['delete', { eventName: 'virusremoved', extension: withFile }],
    ['rename', { eventName: 'renameormove', extension: withFile }],
    ['move', { eventName: 'File or folder moved', extension: withFile }],
    ['copy', { eventName: 'File or folder copied', extension: withFile }],
    ['unlock', { eventName: 'unlock', extension: withFile }],
    ['share', { eventName: 'quickshare', extension: withFile }],
    ['unshare', { eventName: 'deleteshare', extension: withFile }],
    ['restore', { eventName: 'Restored', extension: withFile }],
    ['preview', { eventName: 'preview', extension: withFile }],
    ['download', { eventName: 'SFTP action', extension: [...withFile, ['act', 'read']] }],
    ['other', { eventName: 'upload' }],
    ['other', { eventName: 'heartbeat', extension: withFile }],
    ['other', { eventName: undefined, eventClass: undefined }],
  ])('%s: %o', (activity, words) => {
    expect(activityOf(eventOf(words))).toBe(activity);
  });

  test.each([
    ['success', 'success'],
    ['OK', 'success'],
    [true, 'success'],
    ['FAILURE', 'failure'],
    [0, 'failure'],
    ['perhaps', undefined],
  ])('an outcome of %s is %s', (outcome, expected) => {
    expect(outcomeOf(eventOf({ extension: [['outcome', outcome]] }))).toBe(expected);
  });
  test('without an outcome, a word for failure is enough, and none says nothing', () => {
    expect(outcomeOf(eventOf({ eventName: 'API request denied' }))).toBe('failure');
    expect(outcomeOf(eventOf({ eventName: 'Login' }))).toBeUndefined();
  });
});

describe('ecs', () => {
  test('a download', () => {
    expect(ecs(download)).toEqual({
      '@timestamp': '2026-03-02T08:00:00.000Z',
      ecs: { version: '8.11.0' },
      event: {
        kind: 'event',
        category: ['file'],
        type: ['access'],
        code: 'FileOperations',
        severity: 2,
        dataset: 'filecloud.audit',
        id: 'r1',
        action: 'downloadfile',
      },
      log: { level: 'info' },
      observer: { vendor: 'FileCloud', product: 'FileCloud', version: '23.1' },
      source: { user: { name: 'ana' }, ip: '192.0.2.1' },
      user: { name: 'ana' },
      file: {
        name: 'a.pdf',
        path: '/docs/a.pdf',
        size: 1048576,
        hash: { md5: '9e107d9d372bb6826bd81d3542a419d6' },
      },
      user_agent: { original: 'Web browser' },
      message: 'downloadfile',
      related: { user: ['ana'], ip: ['192.0.2.1'] },
      labels: { cs1: '{"pii":true}', cs1Label: 'Metadata' },
    });
  });
  test('a login that failed', () => {
    expect(ecs(failedLogin)).toMatchObject({
      event: {
        category: ['authentication'],
        type: ['start'],
        outcome: 'failure',
        reason: 'bad password',
        severity: 8,
      },
      user: { name: 'root', id: '7' },
      destination: { ip: '198.51.100.1', port: 22 },
      log: { level: 'error' },
      related: { ip: ['203.0.113.9', '198.51.100.1'] },
    });
    expect(ecs(failedLogin)).not.toHaveProperty('labels');
  });
  test('a value of another type than its field would have the document refused: it is a label', () => {
    const problems = noProblems();
    const document = ecs(
      {
        extension: [
          ['src', 'unknown'],
          ['spt', 'https'],
          ['a.b', 1],
          ['outcome', 'perhaps'],
        ],
      },
      problems,
    );
    expect(document).toMatchObject({
      labels: { src: 'unknown', spt: 'https', a_b: '1', outcome: 'perhaps' },
      event: { type: ['info'] },
    });
    expect(document).not.toHaveProperty('source');
    expect(problems.mistypedValues).toBe(2);
  });
});

describe('ocsf', () => {
  test('a download is File Hosting Activity', () => {
    expect(ocsf(download)).toEqual({
      time: BigInt(received),
      category_uid: 6,
      class_uid: 6006,
      activity_id: 2,
      type_uid: 600602,
      severity_id: 2,
      status_id: 0,
      metadata: {
        version: '1.3.0',
        product: { vendor_name: 'FileCloud', name: 'FileCloud', version: '23.1' },
        event_code: 'FileOperations',
        log_name: 'filecloud.audit',
        uid: 'r1',
      },
      actor: { user: { name: 'ana' } },
      src_endpoint: { ip: '192.0.2.1' },
      file: { name: 'a.pdf', path: '/docs/a.pdf', size: 1048576, type_id: 0 },
      http_request: { user_agent: 'Web browser' },
      message: 'downloadfile',
      unmapped: {
        fileHash: '9E107D9D372BB6826BD81D3542A419D6',
        cs1: { pii: true },
        cs1Label: 'Metadata',
      },
    });
  });
  test('a login is Authentication, with the user and the service that the class requires', () => {
    expect(ocsf(failedLogin)).toMatchObject({
      category_uid: 3,
      class_uid: 3002,
      activity_id: 1,
      type_uid: 300201,
      severity_id: 4,
      status_id: 2,
      status_detail: 'bad password',
      user: { name: 'root', uid: '7' },
      service: { name: 'FileCloud' },
      dst_endpoint: { ip: '198.51.100.1', port: 22 },
    });
  });
  test('what lacks an attribute that its class requires is a base event', () => {
    expect(ocsf({ ...download, extension: [['fname', 'a']] })).toMatchObject({
      class_uid: 0,
      activity_id: 99,
      type_uid: 99,
      activity_name: 'downloadfile',
    });
    expect(ocsf({ eventName: 'login' })).toMatchObject({ class_uid: 0 });
  });
  test('a file known by its path has the name that the schema requires', () => {
    const extension: Event['extension'] = [
      ['suser', 'ana'],
      ['src', '192.0.2.1'],
      ['filePath', '/docs/in/'],
    ];
    expect(ocsf({ ...download, extension })).toMatchObject({
      file: { path: '/docs/in/', name: 'in', type_id: 0 },
    });
  });
  test.each([
    [0, 0],
    [1, 1],
    [3, 2],
    [6, 3],
    [8, 4],
    [10, 5],
  ])('severity %i is severity_id %i', (severity, id) => {
    expect(ocsf({ severity })).toMatchObject({ severity_id: id });
  });
});

test('any values: each is where the schema has it, or left over, and never refused for its type', () => {
  const keys = ['suser', 'src', 'spt', 'fsize', 'fname', 'filePath', 'dst', 'outcome', 'x', '__proto__'];
  const extension = fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), fc.oneof(anyText(), fc.integer())), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(extension, anyText(), (pairs, eventName) => {
      const event = { extension: pairs, eventName, externalId: eventName };
      const one = ecs(event) as { source?: { ip?: string; port?: number }; file?: { size?: number } };
      const two = ocsf(event) as { src_endpoint?: { ip?: string; port?: number } };
      for (const { ip, port } of [one.source ?? {}, two.src_endpoint ?? {}]) {
        if (ip !== undefined) expect(ip).toMatch(/^[\d.]+$|:/);
        if (port !== undefined) expect(port).toBeTypeOf('number');
      }
      const size = one.file?.size;
      if (size !== undefined) expect(['number', 'bigint']).toContain(typeof size);
      expect(({} as { name?: string }).name).toBeUndefined();
    }),
  );
});
