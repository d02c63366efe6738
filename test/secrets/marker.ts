/**
 * Stands in every secret of the tests, and nowhere else. Letters and digits only: it is the same in a URL. Odd enough that
 * no text has it by chance, in base64 neither.
 */
export const marker = 'Zq7hushX4vJ';

/**
 * A secret for a test: whatever of a service process' output has it fails the run (test/setup/secrets.ts).
 *
 * @param what tells it from others, for the one who reads the excerpt
 */
export function secret(what: string): string {
  return `${what}-${marker}-0123456789`;
}
