import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { Folder, files, type Result } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;
let delivery: ForwardServer;
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  folder = new Folder(files);
  delivery = await ForwardServer.start();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await delivery.stop();
  folder.remove();
});

/** `serve` beside the stand-in Fluent Bit. */
function serve(environment: Record<string, string> = {}, args: string[] = []): Serving {
  const serving = new Serving(folder.path, formatAddress(delivery.address), environment, args);
  stops.push(() => serving.signal('SIGKILL'));
  return serving;
}

const post = async (url: string): Promise<Response> =>
  fetch(`${url}/map/arcsight`, { method: 'POST', body: '{"operation":"login","user":"ana"}' });

test('it listens, takes records, and delivers them', async () => {
  const serving = serve();
  const response = await post(await serving.url());
  expect([response.status, await response.json()]).toEqual([200, { records: 1, events: 1, deadLetters: 0 }]);
  expect(delivery.records).toEqual([{ message: expect.stringMatching(/^CEF:0\|FileCloud\|.* suser=ana$/) }]);
});

test('it says what it loaded, and that it is ready', async () => {
  const serving = serve();
  await serving.url();
  await vi.waitFor(() => expect(serving.log.at(-1)!.msg).toBe('ready for 2 destinations'), eventually);
  expect(serving.log).toContainEqual(
    expect.objectContaining({
      msg: 'destination loaded',
      destination: 'arcsight',
      format: 'cef',
      mappings: 2,
    }),
  );
});

test('it starts before its Fluent Bit does', async () => {
  const { address } = delivery;
  await delivery.stop();
  const url = await serve().url();
  expect((await post(url)).status).toBe(503);
  delivery = await ForwardServer.start({ address });
  await vi.waitFor(async () => expect((await post(url)).status).toBe(200), eventually);
});

test('it listens on a unix socket as well', async () => {
  const path = join(folder.path, 'http.sock');
  const serving = serve({ FLUENT_BIT_SIEM_LISTEN: `unix:${path}` });
  expect(await serving.url()).toContain(path);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends it with exit code 0', async () => {
    const serving = serve();
    await serving.url();
    serving.signal(signal);
    expect(await serving.result).toMatchObject({ code: 0, stderr: '' });
  });

  test('lets requests under way be answered, and takes no new ones', async () => {
    delivery.acks = 'withheld';
    const serving = serve();
    const url = await serving.url();
    const posting = post(url);
    await vi.waitFor(() => expect(delivery.messages).toHaveLength(1), eventually);
    serving.signal(signal);
    await vi.waitFor(() => expect(serving.log.at(-1)!.msg).toBe('stopping'), eventually);
    await vi.waitFor(() => expect(fetch(`${url}/health`)).rejects.toThrow(), eventually);
    delivery.release();
    expect((await posting).status).toBe(200);
    expect((await serving.result).code).toBe(0);
  });
});

describe('it refuses to start, with exit code 1 and what to do,', () => {
  /** The result of a serve that ends by itself; nothing it says is a stack trace. */
  async function refusal(environment: Record<string, string> = {}): Promise<Result> {
    const result = await serve(environment).result;
    expect(result.code).toBe(1);
    expect(result.stderr).not.toMatch(/ {4}at |node:|errno/);
    return result;
  }

  test('on a mistake in the configuration', async () => {
    folder.remove();
    folder = new Folder({ ...files, 'mappings/audit.yaml': 'mapings: []\n' });
    const { stdout, stderr } = await refusal();
    expect(stdout).toBe('');
    expect(stderr).toContain("mappings/audit.yaml:1:1: error M003: unknown key 'mapings'");
  });

  test('without a configuration', async () => {
    folder.remove();
    folder = new Folder({ 'README.md': '' });
    expect((await refusal()).stderr).toContain('mappings/destinations.yaml:1:1: error M001');
  });

  test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.com:0'])(
    'when it is to listen on %s',
    async (listen) => {
      const { stderr } = await refusal({ FLUENT_BIT_SIEM_LISTEN: listen });
      expect(stderr).toContain('error M018: FLUENT_BIT_SIEM_LISTEN reaches beyond this machine');
      expect(stderr).toContain('listen on 127.0.0.1');
    },
  );

  test('when it is to listen on what is no address', async () => {
    const { stderr } = await refusal({ FLUENT_BIT_SIEM_LISTEN: '2021' });
    expect(stderr).toContain("error M017: the environment's FLUENT_BIT_SIEM_LISTEN is no address");
  });

  test('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    stops.push(() => other.close());
    const { port } = other.address() as { port: number };
    const { stderr } = await refusal({ FLUENT_BIT_SIEM_LISTEN: `127.0.0.1:${port}` });
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).toMatch(/in use|taken/);
  });
});
