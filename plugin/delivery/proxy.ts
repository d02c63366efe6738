import { BlockList, isIP } from 'node:net';
import { isLocal } from '../mapping/units.ts';

/** Where a connection leads. */
export interface Target {
  readonly protocol: string;
  /** An IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
}

export interface HttpProxy extends Target {
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/**
 * The proxy that the environment names for this target. Never for this machine, as in Go: no proxy reaches it,
 * and plain http, which is for this machine alone, would cross the network.
 *
 * @throws Error
 */
export function proxyFor(
  { protocol, hostname, port }: Target,
  environment: NodeJS.ProcessEnv,
): HttpProxy | undefined {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || '';
  if (isLocal({ host: hostname, port }) || isExempt(hostname, port, read('NO_PROXY'))) return undefined;
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = read(name);
  if (text === '') return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const credentials = url && decoded(`${url.username}:${url.password}`);
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || credentials === undefined) {
    throw new Error(`${name} is no http or https URL`);
  }
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { ...targetOf(url), authorization: credentials === ':' ? undefined : authorization };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** By a list of hosts (and all below them), addresses, and networks as in 10.0.0.0/8; `*` is all. A port may follow. */
function isExempt(host: string, port: number, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '' || entry === '*') return entry === '*';
    const [, network, bits] = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(entry) ?? [];
    if (network !== undefined) return isWithin(host, network, Number(bits));
    if (isIP(entry)) return entry.toLowerCase() === host;
    const [, name = '', only] = /^\[?(.+?)\]?(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    const domain = name.toLowerCase().replace(/^\*?\./, '');
    return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
  });
}

function isWithin(host: string, network: string, bits: number): boolean {
  const version = isIP(host);
  if (version === 0 || isIP(network) !== version || bits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

export function targetOf({ protocol, hostname, port }: URL): Target {
  const usual = protocol === 'https:' ? 443 : 80;
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usual };
}
