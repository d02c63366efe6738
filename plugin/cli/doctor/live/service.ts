import type { TlsSettings } from '../../../mapping/service-settings.ts';
import type { Settings } from '../../../mapping/settings.ts';
import { formatAddress } from '../../../mapping/units.ts';
import { Certificate, soon } from '../../certificate.ts';
import { askService, ServiceProblem } from '../../service-client.ts';
import { type Check, Checks, patience } from './check.ts';

interface Described {
  readonly name: string;
  readonly state: string;
  readonly failure?: { readonly since: string; readonly reason: string };
}

interface TestAnswer {
  readonly taken: boolean;
  readonly status?: number;
  readonly answer: string;
}

/**
 * The running service: whether it answers, and whether it serves what destinations.yaml says now.
 *
 * @param sends whether each destination with a gate gets a test event
 */
export async function checkService(settings: Settings, sends: boolean): Promise<Check[]> {
  const checks = new Checks('service');
  const where = formatAddress(settings.listen);
  let running: readonly Described[];
  try {
    const health = await ask(settings, 'GET', '/health');
    if ((health as { status?: unknown } | null)?.status !== 'up') {
      checks.add('error', `what answers at ${where} is not fluent-bit-siem`, 'give one of them another port');
      return checks.all;
    }
    running = ((await ask(settings, 'GET', '/destinations')) as { destinations: readonly Described[] })
      .destinations;
  } catch (error) {
    if (!(error instanceof ServiceProblem)) throw error;
    checks.add('error', error.message, 'start it: fluent-bit-siem serve');
    return checks.all;
  }
  checks.add('ok', `up at ${where}`);
  if (settings.tls) checkCertificate(settings.tls, checks);
  const states = new Map(running.map((one) => [one.name, one]));
  const results: Check[] = [];
  for (const { name, deliver } of settings.destinations) {
    const one = new Checks(name);
    const state = states.get(name);
    if (!state) one.add('error', 'the running service does not know it', 'load destinations.yaml again');
    else if (state.state === 'failing') {
      const { since = '', reason = '' } = state.failure ?? {};
      one.add(
        'error',
        `failing since ${since}: ${reason}`,
        `fluent-bit-siem test ${name} says what it answers now`,
      );
    } else if (state.state === 'paused')
      one.add('warning', 'paused: its events wait', `fluent-bit-siem resume ${name} ends it`);
    if (state && sends && deliver) await sendTest(settings, name, one);
    results.push(...one.all);
  }
  for (const name of states.keys()) {
    if (settings.destinations.some((one) => one.name === name)) continue;
    checks.add('warning', `it still serves '${name}', which is not in destinations.yaml`, 'load it again');
  }
  return [...checks.all, ...results];
}

/** The one in the files, which is the one that was just shown. */
function checkCertificate(files: TlsSettings, checks: Checks): void {
  let end: number;
  try {
    end = new Certificate(files).end;
  } catch (error) {
    // Its key may be readable by the service alone.
    checks.add('warning', `when its certificate ends can't be told: ${(error as Error).message}`);
    return;
  }
  const left = end - Date.now();
  const date = new Date(end).toISOString().slice(0, 10);
  const hint = 'write a new one to the files of service.tls: it is taken within seconds';
  if (left <= 0) checks.add('error', `its certificate has expired on ${date}: senders refuse it`, hint);
  else if (left < soon) checks.add('warning', `its certificate ends on ${date}`, hint);
  else checks.add('ok', `its certificate is good until ${date}`);
}

async function sendTest(settings: Settings, name: string, checks: Checks): Promise<void> {
  try {
    const path = `/destinations/${encodeURIComponent(name)}/test`;
    // The SIEM has its own time-out in the service, 30 s unless it is set otherwise.
    const { taken, status, answer } = (await ask(settings, 'POST', path, 60_000)) as TestAnswer;
    const said = `${status ?? 'no answer'} ${answer}`.trim();
    if (taken) checks.add('ok', `it took a test event: ${said}`);
    else
      checks.add('error', `it did not take a test event: ${said}`, 'see what it says, and docs/delivery.md');
  } catch (error) {
    if (!(error instanceof ServiceProblem)) throw error;
    checks.add('error', error.message);
  }
}

async function ask(
  settings: Settings,
  method: 'GET' | 'POST',
  path: string,
  most = patience,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `the service at ${formatAddress(settings.listen)} does not answer within ${most} ms`;
    timer = setTimeout(() => reject(new ServiceProblem(message)), most);
  });
  try {
    return (await Promise.race([askService(settings, method, path), late])).json;
  } finally {
    clearTimeout(timer);
  }
}
