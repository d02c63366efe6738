import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Folder } from '../cli/helpers.ts';
import { Serving } from '../cli/serving.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { secret } from '../secrets/marker.ts';
import { findChromium } from '../setup/chromium.mjs';
import { Tab } from './browser.ts';

const chromium = await findChromium();
const token = secret('admin');
const config = `
service:
  auth: { admin: { token: '\${ADMIN}', username: ops, password: '\${ADMIN}' } }
destinations:
  splunk: { format: json, mappings: [map.yaml] }
`;
const map = "mappings:\n  - id: '*'\n    map: { eventClass: A, eventName: b, severity: 1 }\n";

// With two workers: what they relay is the page, its session and the stream of what changes.
describe.skipIf(!chromium)('behind credentials', () => {
  let folder: Folder;
  let delivery: ForwardServer;
  let serving: Serving;
  let tab: Tab;

  beforeEach(async () => {
    folder = new Folder({ 'mappings/destinations.yaml': config, 'mappings/map.yaml': map });
    delivery = await ForwardServer.start();
    const { address } = delivery;
    serving = new Serving(
      folder.path,
      'path' in address ? address.path : `${address.host}:${address.port}`,
      { ADMIN: token, FLUENT_BIT_SIEM_STATE: `${folder.path}/state.json` },
      ['--workers', '2'],
    );
    tab = await Tab.open(chromium!);
    await tab.page.goto(await serving.url());
  });
  afterEach(async () => {
    await tab.close();
    serving.signal('SIGTERM');
    await serving.result;
    await delivery.stop();
    folder.remove();
  });

  test('the page asks for them, shows what there is, and forgets them again', async () => {
    const { page } = tab;
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await tab.violations()).toEqual([]);
    expect(await tab.overflow()).toBe(0);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('That is not right. Please try again.').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('article', { name: 'splunk' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByLabel('User name').fill('ops');
    await page.getByLabel('Password').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('article', { name: 'splunk' }).waitFor();
    // The service stops though the page has a stream open, and the page says that it is gone.
    serving.signal('SIGTERM');
    expect((await serving.result).code).toBe(0);
    await page.getByText('The service does not answer; trying again.').waitFor();
    expect(JSON.stringify(serving.log)).not.toContain(token);
  });
});
