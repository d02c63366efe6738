import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import type { CliWorkbench, CliWorkbenchOptions } from '../../plugin/cli/workbench/cli-workbench.ts';
import type { RenderAnswer, SampleAnswer, SchemaAnswer, SeenAnswer } from '../../plugin/workbench/answer.ts';
import { standIn } from '../../plugin/workbench/stand-in.ts';
import { secret } from '../secrets/marker.ts';
import { Folder } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

const inEnvironment = secret('environment');

const map = (x: string): string =>
  `mappings:\n  - id: '*'\n    map: { eventClass: c, eventName: n, severity: 1, extension: { x: ${x} } }\n`;

const files = {
  'destinations.yaml': `service: { keep_seen: 3 }
functions: own.mjs
destinations:
  siem: { format: cef, device: { vendor: v, product: p, version: '1' }, mappings: [maps/*.yaml] }
`,
  'maps/active.yaml': map("{ call: hash, args: [$a, '${BENCH_SECRET}'] }"),
  'own.mjs': `export const environment = (name) => String(process.env[name]);
export const spin = () => { for (;;); };
export const fill = () => { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); };
export const twice = (value) => value + value;
`,
  'secret.txt': secret('file'),
};

let folder: Folder;
beforeAll(() => {
  folder = new Folder(files);
});
afterAll(() => folder.remove());

describe('of a running service', () => {
  let serving: Serving;
  let url: string;
  beforeAll(async () => {
    const environment = {
      BENCH_SECRET: inEnvironment,
      FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json'),
    };
    const args = ['--config', 'destinations.yaml'];
    serving = new Serving(folder.path, '127.0.0.1:9', environment, args);
    url = await serving.url();
  });
  afterAll(async () => {
    serving.signal('SIGTERM');
    expect((await serving.result).code).toBe(0);
  });

  const post = (path: string, content: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api/workbench/${path}`, {
      method: 'POST',
      body: typeof content === 'string' ? content : JSON.stringify(content),
      headers,
    });
  const get = async <Answer>(path: string): Promise<Answer> =>
    (await fetch(`${url}/api/workbench/${path}`)).json() as Promise<Answer>;

  test('a record is rendered, by a map that is tried and by the one in use; no secret is in it', async () => {
    const mapping = { text: map('{ call: twice, args: [$a] }'), file: 'maps/active.yaml' };
    const tried = (await (await post('render', { record: { a: 'v' }, mapping })).json()) as RenderAnswer;
    expect(tried.destinations[0]!.events[0]!.text).toMatch(/^CEF:0\|v\|p\|1\|c\|n\|1\|rt=\d+ x=vv$/);
    const response = await post('render', { record: { a: 'v' } });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      standIns: ['${BENCH_SECRET}'],
      destinations: [{ outcome: 'mapped' }],
    });
    expect(text).not.toContain(inEnvironment);
  });

  test.each([
    ['no JSON', 400],
    ['{}', 400],
    ['{"record":{},"tag":1}', 400],
    ['{"record":{},"mapping":{"text":1}}', 400],
    [JSON.stringify({ record: 'x'.repeat(1024 * 1024) }), 413],
  ])('what is no request is said: %.40s', async (body, status) => {
    expect((await post('render', body)).status).toBe(status);
  });

  test('a page of another site is refused', async () => {
    const response = await post('render', { record: {} }, { origin: 'https://elsewhere.example.com' });
    expect(response.status).toBe(403);
  });

  test('the text of a mapping file in use, and of nothing else', async () => {
    const { files: names, functions, destinations } = await get<SchemaAnswer>('schema');
    expect(names).toEqual([expect.stringMatching(/maps\/active\.yaml$/)]);
    expect(functions.map(({ name }) => name)).toContain('twice');
    expect(destinations).toEqual([{ name: 'siem', format: 'cef' }]);
    const of = (file: string): Promise<{ text?: string }> => get(`mapping?file=${encodeURIComponent(file)}`);
    expect((await of(names[0]!)).text).toBe(files['maps/active.yaml']);
    const others = [
      'destinations.yaml',
      'secret.txt',
      'own.mjs',
      '/etc/passwd',
      '../../../etc/passwd',
      'maps/../secret.txt',
    ];
    for (const file of [...others, `${names[0]}/../../secret.txt`, '', '__proto__']) {
      const response = await fetch(`${url}/api/workbench/mapping?file=${encodeURIComponent(file)}`);
      expect(response.status, file).toBe(404);
      expect(await response.text()).not.toContain(secret('file'));
    }
  });

  test('samples that the package ships', async () => {
    const { samples } = await get<{ samples: SampleAnswer[] }>('samples');
    expect(samples.length).toBeGreaterThan(50);
    expect(samples[0]).toMatchObject({ tag: 'filecloud.audit', name: 'downloadfile' });
  });

  test('the last records that came, once each, with their tag', async () => {
    // Nobody acknowledges them: they came all the same.
    for (const a of [1, 2, 3, 3, 4]) {
      const { status } = await fetch(`${url}/map/siem?tag=app.${a}`, { method: 'POST', body: `{"a":${a}}` });
      expect(status).toBe(503);
    }
    const { isKept, records } = await get<{ isKept: boolean; records: SeenAnswer[] }>('seen');
    expect(isKept).toBe(true);
    expect(records.map(({ tag, record }) => [tag, record])).toEqual([
      ['app.4', '{"a":4}'],
      ['app.3', '{"a":3}'],
      ['app.2', '{"a":2}'],
    ]);
  });

  test('with --workers the last ones of all of them', async () => {
    const state = join(folder.path, 'workers.json');
    const two = new Serving(
      folder.path,
      '127.0.0.1:9',
      { BENCH_SECRET: inEnvironment, FLUENT_BIT_SIEM_STATE: state },
      ['--config', 'destinations.yaml', '--workers', '2'],
    );
    const where = await two.url();
    // A connection for each: they are given out in turn.
    for (const a of [1, 2, 3, 4])
      await fetch(`${where}/map/siem`, {
        method: 'POST',
        body: `{"a":${a}}`,
        headers: { connection: 'close' },
      });
    const response = await fetch(`${where}/api/workbench/seen`);
    const { records } = (await response.json()) as { records: SeenAnswer[] };
    expect(records.map(({ record }) => record).sort()).toEqual(['{"a":2}', '{"a":3}', '{"a":4}']);
    two.signal('SIGTERM');
    expect((await two.result).code).toBe(0);
  });
});

describe('its thread', () => {
  let workbench: CliWorkbench;
  const { signal } = new AbortController();
  beforeAll(async () => {
    process.env.BENCH_SECRET = inEnvironment;
    const config = join(folder.path, 'destinations.yaml');
    const result = await load(config);
    // As it is built: a thread needs JavaScript.
    const built = pathToFileURL(join(packageRoot, 'dist', 'cli', 'workbench', 'cli-workbench.js')).href;
    const { CliWorkbench: Built } = (await import(built)) as {
      CliWorkbench: new (options: CliWorkbenchOptions) => CliWorkbench;
    };
    const current = { ...result, loaded: result.loaded! };
    workbench = new Built({ config, current: () => current, timeout: 1000 });
  });
  afterAll(async () => {
    delete process.env.BENCH_SECRET;
    await workbench.close();
  });
  const render = async (x: string, record: unknown = { a: 'v' }): Promise<string | undefined> =>
    (await workbench.render({ record, mapping: { text: map(x) } }, signal)).destinations[0]?.events[0]?.text;

  test('has nothing of the environment, whatever a function asks', async () => {
    expect(await render('{ call: environment, args: [BENCH_SECRET] }')).toMatch(/ x=undefined$/);
    expect(await render("{ call: hash, args: [$a, '${BENCH_SECRET}'] }")).toMatch(/ x=[0-9a-f]{64}$/);
    expect(standIn).not.toBe(inEnvironment);
  });
  test.each(['spin', 'fill'])(
    'is ended when a map never ends, or takes all memory, and starts again: %s',
    async (call) => {
      let turns = 0;
      const timer = setInterval(() => turns++, 10);
      await expect(render(`{ call: ${call} }`)).rejects.toThrow(/took too long|failed/);
      clearInterval(timer);
      // The service went on meanwhile.
      expect(turns).toBeGreaterThan(3);
      await vi.waitFor(async () => expect(await render('$a')).toMatch(/ x=v$/), eventually);
    },
  );
  test('does not do what nobody waits for any more', async () => {
    const outdated = workbench.render({ record: {} }, AbortSignal.abort());
    await expect(outdated).rejects.toThrow(/nobody waits/);
  });
  test('sends away whoever finds too many waiting', async () => {
    const all = await Promise.allSettled(Array.from({ length: 40 }, () => render('$a')));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(40 - 16);
    expect(String((refused[0] as PromiseRejectedResult).reason)).toMatch(/busy/);
  });
});
