import type { DeliverSettings } from '../mapping/deliver-settings.ts';

const leastSecret = 6;

/**
 * Compiles what takes a destination's secrets out of a text: a SIEM may quote in its answer what it was sent.
 * Values of headers, and the words in them; the OAuth secret; long parts of the URL, which is Sumo Logic's only secret.
 */
export function compileRedaction({ to, headers, oauth2 }: DeliverSettings): (text: string) => string {
  const { pathname, search } = new URL(to);
  const secrets = [
    ...Object.values(headers).flatMap((value) => [value, ...value.split(/\s+/)]),
    ...[pathname, search].flatMap((part) => part.split(/[/?&=]/)).filter((part) => part.length >= 16),
    oauth2?.clientSecret ?? '',
  ];
  const longestFirst = [...new Set(secrets)]
    .filter((secret) => secret.length >= leastSecret)
    .sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
