import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { contentOf, elementsOf } from './msgpack-scan.ts';

/** What Fluent Bit's input asks for: `Shared_Key`, and with `Security.Users` a name and password. */
export interface Credentials {
  readonly sharedKey: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The peer refused us, or could not prove that it knows the key itself. */
export class HandshakeError extends Error {}

// Only an ingredient of the digest. It must differ from the input's own Self_Hostname, so it is no machine's.
const clientName = 'fluent-bit-siem';

/**
 * The client's side of the authentication of the forward protocol: it waits for HELO, answers PING, checks
 * PONG. Digests are SHA-512 in hex; the key itself never travels.
 * https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#authentication
 */
export class Handshake {
  readonly #credentials: Credentials;
  // Hex, because Fluent Bit takes a salt only as text and reads it as one.
  readonly #salt = randomBytes(16).toString('hex');
  #nonce: Buffer | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * Takes the peer's next message. It comes packed, because nonce and salt are bytes in a msgpack text,
   * which decoding as UTF-8 would spoil.
   *
   * @returns the message to answer with, or 'done' when both sides are satisfied
   * @throws HandshakeError
   */
  answer(message: Buffer): unknown[] | 'done' {
    const parts = elementsOf(message, 0);
    const kind = textAt(message, parts[0]).toString();
    if (kind === 'HELO' && this.#nonce === undefined) return this.#ping(optionsAt(message, parts[1]));
    if (kind === 'PONG' && this.#nonce !== undefined) return this.#checkPong(message, parts, this.#nonce);
    throw new HandshakeError('the peer does not speak the forward protocol with a shared key');
  }

  #ping(options: ReadonlyMap<string, Buffer>): unknown[] {
    this.#nonce = options.get('nonce') ?? Buffer.alloc(0);
    // Fluent Bit sends a salt for passwords whether it has users or not.
    const auth = options.get('auth') ?? Buffer.alloc(0);
    const { sharedKey, username, password = '' } = this.#credentials;
    const keyDigest = digest(this.#salt, clientName, this.#nonce, sharedKey);
    const user = username === undefined ? ['', ''] : [username, digest(auth, username, password)];
    return ['PING', clientName, this.#salt, keyDigest, ...user];
  }

  #checkPong(message: Buffer, parts: number[], nonce: Buffer): 'done' {
    const accepted = message[parts[1] ?? 0] === 0xc3;
    if (!accepted) throw new HandshakeError(`the peer refused the credentials: ${textAt(message, parts[2])}`);
    const expected = Buffer.from(
      digest(this.#salt, textAt(message, parts[3]), nonce, this.#credentials.sharedKey),
    );
    const found = textAt(message, parts[4]);
    if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
      throw new HandshakeError('the peer does not know the shared key');
    }
    return 'done';
  }
}

function digest(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function textAt(message: Buffer, at: number | undefined): Buffer {
  return (at === undefined ? undefined : contentOf(message, at)) ?? Buffer.alloc(0);
}

function optionsAt(message: Buffer, at: number | undefined): Map<string, Buffer> {
  const options = new Map<string, Buffer>();
  const parts = at === undefined ? [] : elementsOf(message, at);
  for (let index = 0; index + 1 < parts.length; index += 2) {
    options.set(textAt(message, parts[index]).toString(), textAt(message, parts[index + 1]));
  }
  return options;
}
