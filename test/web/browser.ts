import axe, { type AxeResults } from 'axe-core';
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Response,
} from 'playwright-core';
import { collect } from '../secrets/collect.ts';

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
  /** Bytes that each address gave, as they were packed. */
  readonly #bytes = new Map<string, number>();
  readonly #context: BrowserContext;
  /** What was fetched and is still being read. */
  readonly #answers: Promise<void>[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    context.on('request', (request) => this.requests.push(request.url()));
    context.on('response', (response) => {
      const bytes = Number(response.headers()['content-length'] ?? 0);
      this.#bytes.set(response.url(), Math.max(bytes, this.#bytes.get(response.url()) ?? 0));
      this.#answers.push(keep(response));
    });
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Bytes of all that was fetched, as they were packed; what came twice counts once. */
  get received(): number {
    return [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
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
    const kept = JSON.stringify(await this.#context.storageState());
    const shown = await this.page.content();
    collect(`${process.pid}.page`, [shown, kept, ...this.requests, ...this.complaints].join('\n'));
    await this.#context.close();
    // A stream, or what nobody waited for, ends with the page.
    await Promise.all(this.#answers);
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

/** Keeps an answer to be searched for secrets; what is fetched as a file is the same for everyone. */
async function keep(response: Response): Promise<void> {
  if (/^(?:script|stylesheet|image|font)$/.test(response.request().resourceType())) return;
  const [head, body] = await Promise.all([
    response.allHeaders().then(JSON.stringify, () => ''),
    response.text().catch(() => ''),
  ]);
  collect(`${process.pid}.page`, `${response.url()}\n${head}\n${body}\n`);
}
