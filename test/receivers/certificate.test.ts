import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';

test('it is an authority of its own for this machine, for three days', () => {
  const now = Date.parse('2026-03-02T08:00:00Z');
  const { cert } = makeCertificate(now);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect([certificate.ca, certificate.subject]).toEqual([true, 'CN=127.0.0.1']);
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
  expect(Date.parse(certificate.validFrom)).toBe(now - 86_400_000);
  expect(Date.parse(certificate.validTo)).toBe(now + 2 * 86_400_000);
});

test('each has a key and a number of its own', () => {
  const [first, second] = [
    new X509Certificate(makeCertificate().cert),
    new X509Certificate(makeCertificate().cert),
  ];
  expect(first.serialNumber).not.toBe(second.serialNumber);
  expect(first.verify(second.publicKey)).toBe(false);
});

test('it can be read however long its signature came out', () => {
  // A signature has 70 to 72 bytes: one length of three fills the last line of base64.
  for (let count = 0; count < 30; count++) expect(() => createSecureContext(makeCertificate())).not.toThrow();
});
