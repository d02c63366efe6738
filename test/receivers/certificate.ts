import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and its certificate, both PEM; the certificate is its own authority. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a certificate for 127.0.0.1 and localhost, good from yesterday for some days to come.
 * Node.js reads certificates and can't make any, and `openssl` is not on every machine: so it is written out
 * by hand. RFC 5280, section 4.1.
 */
export function makeCertificate(now: number = Date.now(), days = 2): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid.ecdsaWithSha256);
  const name = sequence(set(sequence(oid.commonName, utf8('127.0.0.1'))));
  const day = 86_400_000;
  const content = sequence(
    tagged(0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(utcTime(now - day), utcTime(now + days * day)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(
      3,
      sequence(
        sequence(oid.basicConstraints, truth, octets(sequence(truth))),
        sequence(oid.subjectAltName, octets(sequence(dnsName('localhost'), ipAddress(127, 0, 0, 1)))),
      ),
    ),
  );
  const certificate = sequence(content, algorithm, bits(sign('sha256', content, privateKey)));
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** One element of DER: its type, its length, its content. */
function element(type: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.of(type, ...size), content]);
}

const sequence = (...parts: Buffer[]): Buffer => element(0x30, ...parts);
const set = (...parts: Buffer[]): Buffer => element(0x31, ...parts);
const tagged = (number: number, part: Buffer): Buffer => element(0xa0 + number, part);
const integer = (bytes: Buffer): Buffer => element(0x02, bytes);
const bits = (bytes: Buffer): Buffer => element(0x03, Buffer.of(0), bytes);
const octets = (bytes: Buffer): Buffer => element(0x04, bytes);
const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
const truth = element(0x01, Buffer.of(0xff));
const dnsName = (name: string): Buffer => element(0x82, Buffer.from(name));
const ipAddress = (...bytes: number[]): Buffer => element(0x87, Buffer.from(bytes));

/** YYMMDDhhmmssZ. */
function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

const oid = {
  ecdsaWithSha256: element(0x06, Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
  commonName: element(0x06, Buffer.of(0x55, 0x04, 0x03)),
  subjectAltName: element(0x06, Buffer.of(0x55, 0x1d, 0x11)),
  basicConstraints: element(0x06, Buffer.of(0x55, 0x1d, 0x13)),
} as const;
