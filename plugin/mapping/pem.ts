import { createPrivateKey, X509Certificate } from 'node:crypto';

/** PEM texts: certificates of authorities, a certificate (with those between), and its key. */
export interface Pem {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * What is wrong with each of them: Node.js passes over a `ca` that is none, and says little of the others. Nothing they
 * hold is quoted.
 *
 * @returns by name; empty when all is well
 */
export function pemProblems({ ca, cert, key }: Pem): Map<keyof Pem, string> {
  const problems = new Map<keyof Pem, string>();
  const read = <T>(name: keyof Pem, text: string | undefined, parse: (text: string) => T): T | undefined => {
    try {
      return text === undefined ? undefined : parse(text);
    } catch {
      problems.set(name, `'${name}' can't be read`);
      return undefined;
    }
  };
  read('ca', ca, (text) => new X509Certificate(text));
  const certificate = read('cert', cert, (text) => new X509Certificate(text));
  const privateKey = read('key', key, createPrivateKey);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    problems.set('key', 'this is the key of another certificate');
  return problems;
}
