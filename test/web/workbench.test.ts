import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { noProblems } from '../../plugin/compile/event.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';
import type { RenderRequest } from '../../plugin/workbench/answer.ts';
import { importPhp } from '../../plugin/workbench/convert.ts';
import { Folder } from '../cli/helpers.ts';
import { eventually, Serving } from '../cli/serving.ts';
import { received } from '../helpers.ts';
import { findChromium } from '../setup/chromium.mjs';
import { Tab } from './browser.ts';

// The workbench in a real browser, on a real service.
const chromium = await findChromium();

const seeds = join(packageRoot, 'test', 'data', 'filecloud');
const php = readFileSync(join(seeds, 'auditmap.php'), 'utf8');
const samples = readFileSync(
  join(packageRoot, 'mappings', 'examples', 'filecloud-audit.ndjson'),
  'utf8',
).split('\n');

describe.skipIf(!chromium)('the workbench', () => {
  let folder: Folder;
  let serving: Serving;
  let tab: Tab;
  let page: Page;
  let url: string;
  beforeAll(async () => {
    folder = new Folder({
      'auditmap.php': php,
      'audit.yaml': readFileSync(join(packageRoot, 'mappings', 'filecloud', 'audit.yaml'), 'utf8'),
      'destinations.yaml': `destinations:
  arcsight: { format: cef, device: { vendor: FileCloud, product: FileCloud, version: '23.1' }, mappings: [{ file: auditmap.php, time: $ts }] }
  qradar: { format: leef, mappings: [audit.yaml] }
  splunk: { format: splunk-hec, mappings: [audit.yaml] }
`,
    });
    const environment = { FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json') };
    serving = new Serving(folder.path, '127.0.0.1:9', environment, ['--config', 'destinations.yaml']);
    url = await serving.url();
    tab = await Tab.open(chromium!, { viewport: { width: 1600, height: 950 } });
    page = tab.page;
    await page.goto(`${url}/#/workbench`);
    await page.locator('.piece').first().waitFor();
  });
  afterAll(async () => {
    await tab?.close();
    serving.signal('SIGTERM');
    await serving.result;
    folder.remove();
  });

  const editor = (name: 'Record' | 'Map'): Locator =>
    page
      .locator('.bench-panel', { has: page.getByRole('heading', { name, exact: true }) })
      .locator('.cm-content');

  /** Runs in the browser. */
  const pasteInto = new Function(
    'element',
    'text',
    `const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));`,
  ) as (element: unknown, text: string) => void;

  /** Puts a text in an editor as somebody who pastes it over all there is. */
  async function paste(name: 'Record' | 'Map', text: string): Promise<void> {
    await editor(name).click();
    await page.keyboard.press('ControlOrMeta+a');
    await editor(name).evaluate(pasteInto, text);
  }

  const line = (destination: string): Locator =>
    page.locator(`article[aria-labelledby="bench-${destination}"] .bench-line`);
  const textOf = async (destination: string): Promise<string> =>
    (await line(destination).textContent()) ?? '';

  /** One mapping for every record. */
  const map = (extension: string): string =>
    `mappings:\n  - id: '*'\n    map:\n      eventClass: c\n      eventName: n\n      severity: 1\n      extension:\n        ${extension}\n`;

  test("FileCloud's sample maps give the lines that /map sends", async () => {
    const { loaded } = await load(join(folder.path, 'destinations.yaml'), {});
    for (const index of [0, 12, 30, 50]) {
      const record = samples[index]!;
      const tag = 'filecloud.audit';
      await paste('Record', record);
      await page.getByRole('textbox', { name: 'Tag' }).fill(tag);
      for (const { settings, map: mapRecord, render } of loaded!.destinations) {
        const outcome = mapRecord(parseJson(record) as Record<string, unknown>, tag, received, noProblems());
        if (outcome.kind !== 'mapped') throw new Error(`sample ${index} is ${outcome.kind}`);
        const outgoing = render(outcome.events[0]!, noProblems());
        await vi.waitFor(async () => {
          const shown = await textOf(settings.name);
          if (settings.format === 'splunk-hec')
            expect(toJsonText(parseJson(shown))).toBe(toJsonText(outgoing));
          else expect(shown).toBe(outgoing.message);
        }, eventually);
      }
    }
  });

  test('a key that is pointed at shows its path in the record, and its line in the map', async () => {
    // One that is in no configuration is tried alone, for all destinations.
    await page.getByLabel('Mapping file', { exact: true }).selectOption('A new map…');
    await paste('Record', '{\n  "user": { "name": "ann" },\n  "b": 2\n}');
    await paste('Map', map('suser: $user.name > $b'));
    await vi.waitFor(async () => expect(await textOf('arcsight')).toContain('suser=ann'), eventually);
    await line('arcsight').locator('.piece', { hasText: 'suser=ann' }).focus();
    await vi.waitFor(async () => {
      expect(await page.locator('.cm-linked').allTextContents()).toEqual(['"name": "ann"']);
      expect(await page.locator('.cm-linked-line').allTextContents()).toEqual([
        '        suser: $user.name > $b',
      ]);
    }, eventually);
    expect(await page.locator('.bench-bar').textContent()).toContain('← $user.name');
    // The arrow keys go on to the next key, and the mouse points at any.
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.bench-bar b').textContent()).toBe('rt');
    await line('qradar').locator('.piece', { hasText: 'usrName=ann' }).hover();
    expect(await page.locator('.cm-linked').allTextContents()).toEqual(['"name": "ann"']);
  });

  test('a mistake is marked at its line and column, and told; the last good result stays', async () => {
    await paste('Record', '{"user":"ann"}');
    await paste('Map', map('suser: $user'));
    await vi.waitFor(async () => expect(await textOf('arcsight')).toContain('suser=ann'), eventually);
    await paste('Map', map('suser: $user').replace('extension:', 'extention:'));
    const marked = editor('Map').locator('.cm-lintRange-error');
    await marked.waitFor();
    expect(await marked.textContent()).toBe('extention');
    const place = await marked.evaluate((element) => {
      const own = element.closest('.cm-line')!;
      const before = own.textContent!.indexOf(element.textContent!);
      return [[...own.parentElement!.children].indexOf(own) + 1, before + 1];
    });
    expect(place).toEqual([7, 7]);
    const finding = page.getByRole('list', { name: 'Findings in the map' }).getByRole('button').first();
    expect(await finding.textContent()).toMatch(
      /^7:7 error unknown key 'extention'.*did you mean 'extension'\?/,
    );
    expect(await page.locator('.bench-findings [role=status]').textContent()).toMatch(/^1 error/);
    expect(await textOf('arcsight')).toContain('suser=ann');
  });

  test("FileCloud's PHP is shown as the YAML that import writes", async () => {
    const rendered = page.waitForRequest((request) => {
      const body = request.url().endsWith('/render') ? (request.postDataJSON() as RenderRequest) : undefined;
      return body?.mapping?.file === 'auditmap.yaml';
    });
    // With changes it would ask whether they may be left.
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByLabel('Mapping file to open').setInputFiles(join(seeds, 'auditmap.php'));
    const { mapping } = (await rendered).postDataJSON() as RenderRequest;
    expect(mapping!.text).toBe(importPhp(php, 'auditmap.php').yaml);
    await page.getByText('auditmap.php, as YAML').waitFor();
  });

  test('a record full of HTML and script is text', async () => {
    const evil = `<img src=x onerror="document.title='evil'"><script>document.title='evil'</script><b id=evil>x</b>`;
    await paste('Map', map("suser: $['<b id=evil>']"));
    await paste('Record', JSON.stringify({ '<b id=evil>': evil, __proto__: 1, constructor: evil }));
    await vi.waitFor(async () => expect(await textOf('qradar')).toContain(evil), eventually);
    await line('qradar').locator('.piece', { hasText: 'usrName' }).focus();
    // In the page and in the editors' own roots.
    expect(await page.locator('#evil, .bench img, .bench script').count()).toBe(0);
    expect(await page.title()).not.toBe('evil');
  });

  test('a dead letter gives its record and its tag', async () => {
    const letter = { time: 't', destination: 'd', reason: 'r', tag: 'app.x', record: '{"user":"bob"}' };
    await paste('Map', map('suser: $user'));
    await paste('Record', JSON.stringify(letter));
    await vi.waitFor(async () => expect(await textOf('arcsight')).toContain('suser=bob'), eventually);
    expect(await editor('Record').innerText()).toBe('{\n  "user": "bob"\n}');
    expect(await page.getByRole('textbox', { name: 'Tag' }).inputValue()).toBe('app.x');
  });

  test('paths of the record, keys and functions are completed', async () => {
    const options = page.locator('.cm-tooltip-autocomplete li');
    const after = async (typed: string): Promise<string[]> => {
      await page.keyboard.type(typed, { delay: 20 });
      await options.first().waitFor();
      const found = await options.locator('.cm-completionLabel').allTextContents();
      await page.keyboard.press('Escape');
      return found;
    };
    await paste('Record', '{"user":{"name":"ann"},"odd key":1}');
    await paste('Map', map('suser: x').trimEnd());
    await page.keyboard.press('Backspace');
    expect(await after('$us')).toContain('$user.name');
    await page.keyboard.press('Enter');
    expect(await after('sh')).toContain('shost');
    await paste('Map', `${map('suser: { call: ')}`.trimEnd());
    expect(await after(' up')).toContain('upper');
  });

  test('Escape, then Tab, leaves an editor', async () => {
    await editor('Map').click();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('editor');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).not.toBe('editor');
  });

  describe.each([
    ['light', 1600],
    ['dark', 1600],
    ['light', 360],
  ] as const)('%s, %d pixels wide:', (colorScheme, width) => {
    beforeAll(async () => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await paste('Map', `${map('suser: $user')}\n    oops: 1\n`);
      await editor('Map').locator('.cm-lintRange-error').first().waitFor();
      await line('arcsight').locator('.piece').first().focus();
    });

    test('axe finds nothing serious', async () => {
      expect(await tab.violations()).toEqual([]);
    });

    test('the page does not scroll sideways', async () => {
      expect(await tab.overflow()).toBeLessThanOrEqual(0);
    });
  });

  test('no request left the origin, and nothing was against the content security policy', () => {
    expect(tab.requests.length).toBeGreaterThan(10);
    expect(tab.requests.filter((one) => new URL(one).origin !== url)).toEqual([]);
    expect(tab.complaints).toEqual([]);
  });
});
