import axe, { type AxeResults } from 'axe-core';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in Chromium, and all that it asked for, said or got wrong. */
export class Tab {
  readonly page: Page;
  /** Every address that was asked for. */
  readonly requests: string[] = [];
  /** What the console had, and errors of scripts: of a page in order there is nothing. */
  readonly complaints: string[] = [];
  /** Bytes that came, as they were packed. */
  received = 0;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    context.on('request', (request) => this.requests.push(request.url()));
    context.on('requestfinished', async (request) => {
      this.received += (await request.sizes().catch(() => undefined))?.responseBodySize ?? 0;
    });
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Opens a browser with nothing kept from before. @param executablePath Chromium */
  static async open(executablePath: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const browser = await chromium.launch({ executablePath, args: flags });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return new Tab(context, page);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.#context.browser()?.close();
  }

  /** What axe-core finds that is serious or worse: rule and place. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = (await this.page.evaluate('axe.run()')) as AxeResults;
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
      );
  }

  /** Pixels that the page is wider than its window. */
  async overflow(): Promise<number> {
    const root = 'document.documentElement';
    return (await this.page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)) as number;
  }
}
