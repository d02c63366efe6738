/** What a reason looks like, and what to do about it. The first that fits is shown. */
const table: readonly (readonly [RegExp, string])[] = [
  [
    /^token endpoint: /,
    'The SIEM gives no access token. Check deliver.oauth2: token_url, client_id, and that the client secret has not expired.',
  ],
  [
    /^proxy: /,
    'The proxy does not let the request through. Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the service.',
  ],
  [
    /^it refuses every record: /,
    'The SIEM answers, but takes nothing. Nearly always a setting is wrong: the format, the index, the table or the data collection rule. Everything waits until it is mended.',
  ],
  [
    /^it could not take \d+ of \d+ records/,
    'The SIEM is short of room or time for a part of the records. They are sent again; if it lasts, look at its own log.',
  ],
  [/host not found/, 'The name of the SIEM has no address. Check deliver.to, and the DNS of this machine.'],
  [/^refused/, 'Nothing listens there. Check that the SIEM is up, and the host and port in deliver.to.'],
  [
    /host unreachable|no connection|timeout/,
    'The SIEM does not answer in time. Check that it is up, and that no firewall is between; deliver.timeout is how long is waited.',
  ],
  [
    /certificate is for another host/,
    'Write deliver.to with the name that stands in the certificate of the SIEM.',
  ],
  [
    /TLS: .*(?:expired|not yet valid)/,
    'The certificate of the SIEM is out of date, or the clock of this machine is wrong.',
  ],
  [
    /TLS: .*(?:issuer|self[- ]signed|unable to verify|chain)/,
    'The certificate of the SIEM is of a CA that this machine does not know. Name that CA in deliver.tls.ca.',
  ],
  [/^TLS: /, 'No secure connection comes about. Check deliver.to (https or http) and deliver.tls.'],
  [
    /connection broke|no (?:proper )?HTTP answer/,
    'The connection ends before an answer. Check that deliver.to is the HTTP address, http or https as it should be, and what stands in between.',
  ],
  [
    /^401\b/,
    'The SIEM does not know the token. Check the secret that deliver.headers uses, and whether it was rotated.',
  ],
  [
    /^403\b/,
    'The SIEM knows the token but does not allow this. Check its rights, and the index or table it may write to.',
  ],
  [/^404\b/, 'There is nothing at this address. Check the path in deliver.to; the SIEM may have moved it.'],
  [/^405\b/, 'The address takes no POST. Check the path in deliver.to.'],
  [/^3\d\d\b/, 'The SIEM has moved. Write its new address in deliver.to; redirects are not followed.'],
  [
    /^413\b/,
    'The request is too large for the SIEM, though it was halved. Look for a limit of a proxy in between.',
  ],
  [/^(?:400|422)\b/, 'The SIEM can not read the request. Check that format is the one it expects.'],
  [
    /^429\b/,
    'The SIEM asks for patience. Deliveries go on by themselves; if it lasts, its quota is too small.',
  ],
  [/^408\b/, 'The SIEM took too long. Deliveries go on by themselves.'],
  [
    /^5\d\d\b/,
    'The SIEM itself has a problem. Deliveries go on by themselves; if it lasts, look at its own log.',
  ],
  [/^the service is stopping/, 'The service was stopped while a request was under way. It is sent again.'],
  [/^4\d\d\b/, 'The SIEM does not take the request. Its own words say why.'],
];

/**
 * What to do about a failure.
 *
 * @param reason as the gate says it: the SIEM's status and words, or why it could not be asked
 */
export function adviceFor(reason: string): string | undefined {
  return table.find(([pattern]) => pattern.test(reason))?.[1];
}
