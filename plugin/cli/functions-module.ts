import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

type Exported = Readonly<Record<string, unknown>>;

let last: { readonly path: string; readonly text: string; readonly exported: Exported } | undefined;
let imports = 0;

/**
 * Imports the administrator's module, again when its text is another one. Node.js keeps every module it ever imported:
 * each changed version stays in memory until the service starts anew. What the module itself imports is not read again.
 *
 * @param path absolute
 * @param text what it holds; undefined when it could not be read
 * @throws whatever keeps it from being imported
 */
export async function importFunctions(path: string, text: string | undefined): Promise<Exported> {
  if (last && last.path === path && last.text === text) return last.exported;
  const exported = await importAnew(path, text);
  if (text !== undefined) last = { path, text, exported };
  return exported;
}

async function importAnew(path: string, text: string | undefined): Promise<Exported> {
  // A worker that starts when the file has changed since is to have what the others have.
  if (text !== undefined && !holds(path, text))
    return import(`data:text/javascript,${encodeURIComponent(text)}`);
  const { href } = pathToFileURL(path);
  // A CommonJS module is kept by its path.
  delete createRequire(import.meta.url).cache[path];
  // With the same address Node.js would give the old one, or the old error.
  const exported = await import(imports++ === 0 ? href : `${href}?import=${imports}`);
  if (text !== undefined && !holds(path, text)) throw new Error('it changed while it was read');
  return exported;
}

function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}
