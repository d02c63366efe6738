import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { buildConnector } from 'undici';
import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import type { HttpProxy, Target } from './proxy.ts';
import { SendError, toSendError } from './send-error.ts';

/** How connections are made. */
export interface Way {
  readonly secureContext: tls.SecureContext;
  readonly proxy: HttpProxy | undefined;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/**
 * Opens connections for undici, through the proxy where there is one. undici's own ProxyAgent connects again and
 * again, thousands of times a second, to a proxy that hangs up (https://github.com/nodejs/undici/issues/3897), and
 * a connection that met the wrong certificate is never free again: it acts by an error's code, and a SendError
 * has none.
 */
export function connector(way: Way, target: Target): buildConnector.connector {
  return (_options, callback) => {
    open(way, target).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    );
  };
}

/** @throws SendError */
async function open({ secureContext, proxy, timeout }: Way, target: Target): Promise<Socket> {
  const { protocol, hostname: host, port } = proxy ?? target;
  // The default, 250 ms for each address but the last, is too short for a host that is far away.
  const patience = { autoSelectFamilyAttemptTimeout: 2_000 };
  let socket: Socket = connectTcp({ host, port, noDelay: true, keepAlive: true, ...patience });
  const timer = setTimeout(
    () => socket.destroy(new SendError(`no connection in ${timeout} ms`, 'timeout')),
    timeout,
  );
  const secure = async (hostname: string): Promise<void> => {
    socket = tls.connect({
      socket,
      host: hostname,
      ...(isIP(hostname) ? {} : { servername: hostname }),
      secureContext,
      ALPNProtocols: ['http/1.1'],
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED turns the default off.
      rejectUnauthorized: true,
    });
    await ready(socket, 'secureConnect');
  };
  let isAtProxy = proxy !== undefined;
  try {
    await ready(socket, 'connect');
    if (proxy) {
      if (protocol === 'https:') await secure(host);
      await tunnel(socket, proxy, target);
      isAtProxy = false;
    }
    if (target.protocol === 'https:') await secure(target.hostname);
    return socket;
  } catch (error) {
    socket.destroy();
    const { message, kind } = toSendError(error);
    throw isAtProxy ? new SendError(`proxy: ${message}`, `proxy_${kind}`) : new SendError(message, kind);
  } finally {
    clearTimeout(timer);
  }
}

function ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve).once('close', () => reject(new SendError('connection broke', 'broke')));
    // It stays: until undici listens an error would end the process.
    socket.on('error', reject);
  });
}

/** Asks the proxy to connect the socket to the target (RFC 9110, section 9.3.6). */
function tunnel(socket: Socket, { authorization }: HttpProxy, { hostname, port }: Target): Promise<void> {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
    createConnection: () => socket,
  });
  return new Promise((resolve, reject) => {
    request.once('error', reject).once('connect', ({ statusCode = 0 }, _socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new SendError(`it answered ${statusCode}`, `${statusCode}`));
    });
    request.end();
  });
}

/** @param ca added to the roots that Node.js has, not in place of them */
export function createSecureContext(
  { ca, cert, key }: DeliverSettings['tls'],
  environment: NodeJS.ProcessEnv,
): tls.SecureContext {
  const roots = ca === undefined ? undefined : [...defaultRoots(environment), ca];
  // Made once: with roots of its own it takes 50 ms.
  return tls.createSecureContext({ ca: roots, cert, key });
}

/** To name any `ca` leaves out all that Node.js has, those of NODE_EXTRA_CA_CERTS as well. */
function defaultRoots({ NODE_EXTRA_CA_CERTS: extra }: NodeJS.ProcessEnv): readonly string[] {
  // Node.js 22.15 and later.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  if (!extra) return tls.rootCertificates;
  try {
    return [...tls.rootCertificates, readFileSync(extra, 'utf8')];
  } catch {
    return tls.rootCertificates; // Node.js warned of it as it started
  }
}
