import { codes } from './diagnostic.ts';
import type { PathInFile, SourceFile } from './source.ts';

/** Where `${NAME}` and `${file:PATH}` come from; undefined when there is no such variable or file. */
export interface Secrets {
  environment: (name: string) => string | undefined;
  file: (path: string) => string | undefined;
}

const reference = /\$\{(file:)?([^}]*)\}/g;

/**
 * Puts the environment's and files' values in place of `${NAME}` and `${file:PATH}` in every text of a
 * parsed file. It runs after parsing, so a value can't change the file's structure, and after the shape
 * was checked, so no finding can show one.
 */
export function resolveSecrets(
  source: SourceFile,
  value: unknown,
  secrets: Secrets,
  at: PathInFile = [],
): unknown {
  if (typeof value === 'string') return resolveText(source, value, secrets, at);
  if (Array.isArray(value))
    return value.map((item, index) => resolveSecrets(source, item, secrets, [...at, index]));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    resolveSecrets(source, item, secrets, [...at, key]),
  ]);
  return Object.fromEntries(entries);
}

/** The same for one text. */
export function resolveText(source: SourceFile, text: string, secrets: Secrets, at: PathInFile): string {
  return text.replace(reference, (whole, isFile: string | undefined, name: string) => {
    const found = isFile ? secrets.file(name) : secrets.environment(name);
    if (found !== undefined) return found;
    const what = isFile ? `the file ${name} can't be read` : `the environment has no ${name}`;
    source.error(codes.missingSecret, at, what, isFile ? undefined : `set ${name} before the service starts`);
    return whole;
  });
}
