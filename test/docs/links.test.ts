import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type Page, pages } from './markdown.ts';

const isThere = (path: string): boolean => existsSync(join(packageRoot, path));
const anchorsOf = new Map(pages.map(({ file, anchors }) => [file, anchors]));

/** Paths of this project that a text names; patterns and what an administrator makes are not looked for. */
const path = /^(?:\.\.\/)*((?:docs|docker|inputs|outputs|mappings|plugin|test)\/[\w./-]*\w\/?)$/;

/** Links of a page that lead nowhere. */
function brokenLinks({ file, links, anchors }: Pick<Page, 'file' | 'links' | 'anchors'>): string[] {
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [target = '', anchor] = link.split('#');
    const to = target === '' ? file : normalize(join(dirname(file), target));
    if (!isThere(to)) return true;
    return anchor !== undefined && !(target === '' ? anchors : anchorsOf.get(to))?.has(anchor);
  });
}

/** Files that a page names and nobody has. */
function missingFiles({ code }: Pick<Page, 'code'>): string[] {
  // Made by the reader, by a command of the page.
  const own = /^outputs\/gate-\w+\.conf$|^mappings\/app\//;
  const named = code.flatMap((one) => path.exec(one)?.[1] ?? []);
  return named.filter((one) => !own.test(one) && !isThere(one));
}

describe.each(pages)('$file', (page) => {
  test('its links lead somewhere', () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test('the files it names are there', () => {
    expect(missingFiles(page)).toEqual([]);
  });
});

test('what leads nowhere is found', () => {
  const links = [
    'nowhere.md',
    'delivery.md#nowhere',
    '#here',
    '#nowhere',
    '../README.md',
    'https://example.com',
  ];
  const broken = brokenLinks({ file: 'docs/mapping.md', links, anchors: new Set(['here']) });
  expect(broken).toEqual(['nowhere.md', 'delivery.md#nowhere', '#nowhere']);
  expect(missingFiles({ code: ['outputs/nowhere.conf', 'outputs/map.conf', 'outputs/*.conf'] })).toEqual([
    'outputs/nowhere.conf',
  ]);
});

test('every page of docs/ can be reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    const { links = [] } = pages.find((page) => page.file === file) ?? {};
    for (const link of links) {
      const [target] = link.split('#');
      const to = normalize(join(dirname(file), target!));
      // A folder is shown by its README, or by its list of files.
      for (const one of pages)
        if (one.file === to || dirname(one.file) === to.replace(/\/$/, '')) reached.add(one.file);
    }
  }
  expect(pages.map(({ file }) => file).filter((file) => !reached.has(file))).toEqual([]);
});
