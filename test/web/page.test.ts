import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { GateLoop } from '../end-to-end/gate-loop.ts';
import { ScriptedSiem } from '../receivers/scripted-siem.ts';
import { findChromium } from '../setup/chromium.mjs';
import { Tab } from './browser.ts';

// The page in Debian's Chromium, with the built service, a real Fluent Bit and a stand-in SIEM behind it.
const chromium = await findChromium();
const eventually = { timeout: 60_000, interval: 50 };
const hostile = '<img src=x onerror="alert(1)"><script>document.title = "taken"</script>';

describe.skipIf(!chromium)('the page', () => {
  const siem = new ScriptedSiem();
  let loop: GateLoop;
  let tab: Tab;
  let sent = 0;

  beforeAll(async () => {
    await siem.listen();
    loop = new GateLoop({
      deliver: `{ to: '${siem.url}', retry: { every: 1s, for: 1h, then: 1s } }`,
      files: {
        'logins.yaml': 'mappings:\n  - id: login\n    map: { eventClass: A, eventName: b, severity: 1 }\n',
      },
      others: '  other: { format: json, mappings: [logins.yaml] }\n',
      service: ', dead_letters: var/dead-letters/dead-letters.ndjson',
    });
    await loop.start();
  });
  afterAll(async () => {
    await loop?.stop();
    await siem.close();
  });
  beforeEach(async () => {
    tab = await Tab.open(chromium!);
    await tab.page.goto(`${loop.url}/`);
  });
  afterEach(async () => {
    const { requests } = tab;
    await tab.close();
    // Whatever a test did, nothing else was asked than the service.
    expect(requests.filter((url) => !url.startsWith(`${loop.url}/`))).toEqual([]);
  });

  const card = () => tab.page.getByRole('article', { name: 'splunk' });
  const button = (name: string) => card().getByRole('button', { name });
  const badge = (text: string) => card().locator('.badge', { hasText: text });
  const feed = () => loop.map([{ id: `r${sent++}` }]);

  test('says that the SIEM delivers, and within 2 s that it does not, and why', async () => {
    await feed();
    await badge('Delivering').waitFor();
    await card().getByText('ago').first().waitFor();
    const waits: number[] = [];
    // A machine that is busy with something else may be late; it is not each time.
    while (waits.length < 3 && !waits.some((wait) => wait < 2000)) {
      await siem.close();
      await feed();
      const said = badge('Failing').waitFor({ timeout: 60_000 });
      await said;
      const seen = Date.now();
      const { failure } = (await (await loop.get('/destinations/splunk'))!.json()) as {
        failure: { since: string };
      };
      waits.push(seen - Date.parse(failure.since));
      await card().getByText('refused (ECONNREFUSED)').waitFor();
      await card().getByText('Check that the SIEM is up').waitFor();
      await tab.page.getByRole('heading', { name: 'splunk does not take what is sent' }).waitFor();
      await siem.listen();
      await badge('Delivering').waitFor({ timeout: 60_000 });
    }
    expect(Math.min(...waits)).toBeLessThan(2000);
  });

  test('pauses and resumes', async () => {
    await button('Pause').click();
    await badge('Paused').waitFor();
    await card().getByText('Paused by web page').waitFor();
    expect(await (await loop.get('/destinations/splunk'))!.json()).toMatchObject({
      state: 'paused',
      paused: { by: 'web page' },
    });
    await button('Resume').click();
    await button('Pause').waitFor();
    expect(await (await loop.get('/destinations/splunk'))!.json()).toMatchObject({ state: 'delivering' });
  });

  test("shows the SIEM's answer to a test event", async () => {
    await button('Send test event').click();
    await card().getByText('The SIEM took the test event: 200').waitFor();
    siem.script = () => ({ status: 403, text: `no right to write here ${hostile}` });
    await button('Send test event').click();
    await card().getByText('The SIEM did not take the test event: 403').waitFor();
    await card().getByText(`no right to write here ${hostile}`).waitFor();
    siem.script = () => 'take';
  });

  test('shows records full of HTML and script as text, and puts them back on their way', async () => {
    siem.script = (records) =>
      records.some(({ id }) => id === hostile) ? { status: 400, text: `bad ${hostile}` } : 'take';
    await loop.map([{ id: hostile }, { id: 'beside' }]);
    await loop.map([{ operation: hostile }], 'other');
    await vi.waitFor(() => expect(loop.letters).toHaveLength(1), eventually);
    await button('Dead letters').click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByText(`400 bad ${hostile}`).waitFor();
    expect(await dialog.locator('pre').textContent()).toContain(JSON.stringify(hostile).slice(1, -1));
    siem.script = () => 'take';
    await dialog.getByRole('button', { name: 'Replay this one' }).click();
    await dialog.getByText('1 letter is on its way again.').waitFor();
    await dialog.getByText(/^replayed \d/).waitFor();
    await vi.waitFor(() => expect(siem.taken.has(hostile)).toBe(true), eventually);
    expect(await dialog.getByRole('button', { name: 'Replay' }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close' }).click();

    await tab.page.getByRole('link', { name: 'Mappings' }).click();
    await tab.page.getByRole('region', { name: 'Records of other that no mapping is for' }).waitFor();
    await tab.page.getByRole('cell', { name: hostile }).waitFor();
    expect(await tab.page.locator('img, main script').count()).toBe(0);
    expect(await tab.page.title()).toBe('Mappings · fluent-bit-siem');
    expect(tab.complaints).toEqual([]);
  });

  test('shows which mappings matched, and which never did', async () => {
    await tab.page.getByRole('link', { name: 'Mappings' }).click();
    const region = tab.page.getByRole('region', { name: /^splunk/ });
    await region.getByText('any.yaml').waitFor();
    await region.locator('summary').click();
    const shown = Number((await region.locator('tbody td').last().textContent())!.replace(',', ''));
    expect(shown).toBeGreaterThanOrEqual(1);
    await tab.page
      .getByRole('region', { name: /^other/ })
      .getByText('never matched', { exact: true })
      .waitFor();
  });

  test('comes with a strict policy, keeps to it, and is small', async () => {
    const answer = await tab.page.reload();
    expect(answer!.headers()['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    await card().locator('canvas').first().waitFor();
    for (const { path } of views) await visit(path);
    expect(tab.complaints).toEqual([]);
    expect(tab.received).toBeGreaterThan(10_000);
    expect(tab.received).toBeLessThan(300_000);
  });

  test('is for the keyboard, too', async () => {
    await card().waitFor();
    await tab.page.keyboard.press('Tab');
    expect(await tab.page.locator(':focus').textContent()).toContain('Skip to content');
    await tab.page.keyboard.press('Enter');
    await tab.page.keyboard.press('Tab');
    expect(await tab.page.locator(':focus').textContent()).toContain('Pause');
    await button('Dead letters').press('Enter');
    await tab.page.getByRole('dialog').waitFor();
    await tab.page.keyboard.press('Escape');
    await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  const views = [
    { path: '#/', shows: 'article canvas' },
    { path: '#/mappings', shows: 'details.file' },
  ];
  async function visit(path: string): Promise<void> {
    const { shows } = views.find((one) => one.path === path)!;
    await tab.page.goto(`${loop.url}/${path}`);
    await tab.page.locator(shows).first().waitFor();
  }

  test.each(['light', 'dark'] as const)(
    'has no serious barrier, and fits a phone: %s',
    async (colorScheme) => {
      await tab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const { path } of views) {
        for (const width of [1280, 360]) {
          await tab.page.setViewportSize({ width, height: 800 });
          await visit(path);
          for (const one of await tab.page.locator('summary').all()) await one.click();
          expect(await tab.violations(), `${path} at ${width}`).toEqual([]);
          expect(await tab.overflow(), `${path} at ${width}`).toBe(0);
        }
      }
      await visit('#/');
      await button('Dead letters').click();
      await tab.page.getByRole('dialog').locator('pre').first().waitFor();
      expect(await tab.violations()).toEqual([]);
      expect(await tab.overflow()).toBe(0);
    },
  );
});
