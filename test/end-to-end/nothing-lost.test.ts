import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { generateRecord } from '../../plugin/cli/demo/records.ts';
import { SplunkLoop } from './splunk-loop.ts';

const total = 10_000;
const portions = 20;

/** Feeds all records over a few seconds, so that there is a middle in which something can happen. */
async function feedAll(loop: SplunkLoop): Promise<void> {
  const each = total / portions;
  for (let portion = 0; portion < portions; portion++) {
    loop.feed(
      Array.from({ length: each }, (_, offset) => JSON.stringify(generateRecord(portion * each + offset))),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function midway(loop: SplunkLoop): Promise<void> {
  expect(await until(() => loop.distinct >= total / 10, 60_000)).toBe(true);
  expect(loop.distinct).toBeLessThan(total);
}

describe('10,000 records with unique ids through two real Fluent Bits', { timeout: 180_000 }, () => {
  let loop: SplunkLoop;

  async function start(loopArguments: readonly string[] = []): Promise<void> {
    loop = new SplunkLoop({ arguments: loopArguments });
    await loop.start();
  }

  beforeEach(() => start(), 180_000);

  afterEach(async () => {
    await loop.stop();
  }, 60_000);

  async function expectAll(what: string): Promise<void> {
    await loop.arrive(total, 120_000);
    await loop.settle();
    loop.report(what, total);
    expect(loop.distinct).toBe(total);
    expect(loop.splunk.largestRequest).toBeLessThanOrEqual(100);
  }

  test('all of them arrive, once, in requests of at most 100', async () => {
    await feedAll(loop);
    await expectAll('steady');
    expect(loop.duplicates).toBe(0);
    expect(loop.splunk.largestRequest).toBe(100);
  });

  test('the service is killed with -9 mid-way and started again', async () => {
    const feeding = feedAll(loop);
    await midway(loop);
    await loop.kill('service');
    await loop.settle();
    loop.run('service');
    await feeding;
    await expectAll('service killed');
  });

  test('one of two workers of the service is killed with -9 mid-way', async () => {
    await loop.stop();
    await start(['--workers', '2']);
    const feeding = feedAll(loop);
    await midway(loop);
    loop.killWorker(1);
    await feeding;
    await expectAll('worker killed');
  });

  test('the delivering Fluent Bit is killed with -9 mid-way and started again', async () => {
    const feeding = feedAll(loop);
    await midway(loop);
    await loop.kill('delivery');
    await loop.settle();
    loop.run('delivery');
    await feeding;
    await expectAll('delivery killed');
  });

  test('the collecting Fluent Bit is killed with -9 mid-way and started again', async () => {
    const feeding = feedAll(loop);
    await midway(loop);
    await loop.kill('collector');
    loop.run('collector');
    await feeding;
    await expectAll('collector killed');
  });

  test('the SIEM answers 503, then refuses connections, then is back', async () => {
    const feeding = feedAll(loop);
    await midway(loop);
    loop.splunk.refuseWith = 503;
    await until(() => loop.splunk.requests.some(({ status }) => status === 503), 30_000);
    await loop.settle();
    await loop.splunk.close();
    await loop.settle();
    loop.splunk.refuseWith = undefined;
    await loop.splunk.listen();
    await feeding;
    await expectAll('SIEM down');
    expect(loop.duplicates).toBe(0);
  });

  test('the SIEM is down, then the service and the delivering Fluent Bit are killed, then all are back', async () => {
    loop.splunk.refuseWith = 503;
    const feeding = feedAll(loop);
    await until(() => loop.splunk.requests.length > 20, 30_000);
    await Promise.all([loop.kill('service'), loop.kill('delivery')]);
    loop.run('delivery');
    loop.run('service');
    await feeding;
    loop.splunk.refuseWith = undefined;
    await expectAll('SIEM down and all killed');
  });
});
