import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../plugin/cli/package-root.ts';

/** A fenced block, without the indentation it has as part of a list. */
export interface Block {
  /** What stands behind the backticks: `yaml destinations.yaml`. */
  readonly info: string;
  readonly text: string;
  /** Page and line, as an editor finds it. */
  readonly place: string;
}

/** A page as its readers see it. */
export interface Page {
  /** Relative to the project. */
  readonly file: string;
  readonly blocks: readonly Block[];
  /** Targets of links. */
  readonly links: readonly string[];
  /** What stands between backticks in the text. */
  readonly code: readonly string[];
  /** Of headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

/** Every page that comes with the project: README and its neighbours, docs/ and docker/. */
export const pages: readonly Page[] = [
  ...readdirSync(packageRoot).filter((name) => name.endsWith('.md')),
  ...['docs', 'docker'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
].map(readPage);

function readPage(file: string): Page {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const blocks: Block[] = [];
  const fence = /^( *)```([^`\n]*)\n([\s\S]*?)^ *```$/gm;
  const prose = text.replaceAll(
    fence,
    (_whole, indent: string, info: string, content: string, at: number) => {
      const line = text.slice(0, at).split('\n').length;
      const inner = content.replaceAll(new RegExp(`^ {0,${indent.length}}`, 'gm'), '');
      blocks.push({ info: info.trim(), text: inner, place: `${file}:${line}` });
      return '';
    },
  );
  const withoutCode = prose.replaceAll(/`[^`\n]+`/g, '``');
  const headings = [...prose.matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => heading!);
  return {
    file,
    blocks,
    links: [...withoutCode.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!),
    code: [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll(/\s+/g, ' ')),
    anchors: new Set(headings.map(anchorOf)),
  };
}

/** As GitHub does: small letters, no punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}
