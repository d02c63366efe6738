import { readFileSync } from 'node:fs';
import { SendError } from '../../../delivery/send-error.ts';
import { isOn, type Section } from '../configuration.ts';
import { type FluentBit, routeOf } from '../fluent-bit.ts';
import { type Check, Checks } from './check.ts';
import { adviceFor, Visit } from './visit.ts';

/**
 * The SIEMs that Fluent Bit itself delivers to, by its stanzas: a connection, with TLS where they say so. Credentials are
 * Fluent Bit's; a host or port that only its environment has is not looked at.
 */
export async function checkStanzas(processes: readonly FluentBit[]): Promise<Check[]> {
  const seen = new Map<string, Section>();
  for (const output of processes.flatMap(({ deliveryOutputs }) => deliveryOutputs)) {
    const [host, port] = [output.value('host'), output.value('port')];
    const isDatagram = output.value('mode')?.toLowerCase() === 'udp';
    if (host === undefined || port === undefined || routeOf(output) || isDatagram) continue;
    // Without tls.verify it takes any certificate: what is wrong with one is D603's business.
    const isChecked = isOn(output.value('tls')) && isOn(output.value('tls.verify') ?? 'on');
    seen.set(`${isChecked ? 'https' : 'http'}://${host}:${port}`, output);
  }
  const results = await Promise.all([...seen].map(([url, output]) => checkStanza(url, output)));
  return results.flat();
}

async function checkStanza(url: string, output: Section): Promise<Check[]> {
  const checks = new Checks(`${output.place.file}:${output.place.line}`);
  if (!URL.canParse(url)) {
    checks.add('error', 'its Host and Port are no address', 'correct them');
    return checks.all;
  }
  try {
    // Through no proxy: Fluent Bit's own settings for that are others.
    await new Visit(authorityOf(output), checks, {}).connection(new URL(url));
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    checks.add('error', error.message, adviceFor(error));
  }
  return checks.all;
}

/** The certificates of `tls.ca_file`; without it, and when it is not ours to read, those Node.js has. */
function authorityOf(output: Section): { ca?: string } {
  try {
    const file = output.value('tls.ca_file');
    return file === undefined ? {} : { ca: readFileSync(file, 'utf8') };
  } catch {
    return {};
  }
}
