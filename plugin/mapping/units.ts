const durationUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** `500ms`, `30s`, `5m`, `12h`, `7d` in milliseconds; undefined when it is none of these or zero. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const duration = number === undefined ? 0 : Number(number) * durationUnits[unit!]!;
  return duration > 0 ? duration : undefined;
}

/** `64MB`, `1MiB`, `1000000` in bytes; undefined when it is none of these or zero. */
export function parseSize(text: string | number): number | undefined {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMG]?i?B)?$/i.exec(String(text).trim()) ?? [];
  const size = number === undefined ? 0 : Math.floor(Number(number) * sizeUnits[unit.toUpperCase()]!);
  return size > 0 ? size : undefined;
}

/** Where to listen or connect: a TCP address or a unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** `host:port`, `[::1]:port`, `unix:/path` or `/path`; undefined when it is none of these. */
export function parseAddress(text: string): Address | undefined {
  const [, path] = /^(?:unix:)?(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { path };
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  return host === undefined || port > 65535 ? undefined : { host, port };
}

/** An address as a person writes it. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Whether nobody but this machine can reach it. */
export function isLocal(address: Address): boolean {
  return 'path' in address || /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(address.host);
}
