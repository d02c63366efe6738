import { TokenSource } from '../../../delivery/oauth.ts';
import { SendError } from '../../../delivery/send-error.ts';
import type { Answer } from '../../../delivery/sender.ts';
import type { OAuthSettings } from '../../../mapping/deliver-settings.ts';
import type { DestinationSettings } from '../../../mapping/settings.ts';
import { type Check, Checks } from './check.ts';
import { judgeCredentials, requestFor } from './credentials.ts';
import { adviceFor, Visit } from './visit.ts';

/** The SIEM of a destination with a gate: the connection, its certificate, the clocks, and the credentials. */
export async function checkSiem(
  { name, format, deliver }: DestinationSettings,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Check[]> {
  const checks = new Checks(name);
  if (!deliver) return [];
  const { to, headers, oauth2, tls } = deliver;
  const url = new URL(to);
  const visit = new Visit(tls, checks, environment);
  try {
    await visit.connection(url);
    if (oauth2) await checkToken(visit, oauth2, checks);
    const request = requestFor(format, url, headers);
    if (request) {
      const answer = await visit.ask(request.url, 'GET', request.headers);
      const { status, message, hint } = judgeCredentials(answer.status);
      checks.add(status, message, hint);
    } else if (!oauth2) {
      const hint = 'doctor --send, or fluent-bit-siem test, sends an event';
      checks.add('skipped', 'it has no way to ask whether the credentials are right', hint);
    }
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    checks.add('error', error.message, adviceFor(error));
  }
  return checks.all;
}

async function checkToken(visit: Visit, oauth2: OAuthSettings, checks: Checks): Promise<void> {
  const url = new URL(oauth2.tokenUrl);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const post = (form: string): Promise<Answer> => visit.ask(url, 'POST', headers, form);
  try {
    await new TokenSource(oauth2, post).token();
    checks.add('ok', `${url.host} gives a token`);
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    const hint = 'look at oauth2: client_id, client_secret, scope, token_url';
    checks.add('error', `token endpoint: ${error.message}`, hint);
  }
}
