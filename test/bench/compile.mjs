// Compiles the bench to .bench/, for any Node.js that the service runs on. What it imports of plugin/ becomes
// the built dist/, so that what is measured is what is published. Types are `npm run typecheck`'s.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const sources = dirname(fileURLToPath(import.meta.url));
const root = join(sources, '..', '..');
const target = join(root, '.bench');

const { compilerOptions } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config;
const changed = { ...compilerOptions, module: 'ESNext', moduleResolution: 'Bundler', sourceMap: false };
const { options } = ts.convertCompilerOptionsFromJson(changed, root);

rmSync(target, { recursive: true, force: true });
mkdirSync(target);
for (const name of readdirSync(sources)) {
  if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
  const text = readFileSync(join(sources, name), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions: options, fileName: name });
  const compiled = outputText.replace(/(['"])\.\.\/\.\.\/plugin\//g, '$1../dist/');
  writeFileSync(join(target, name.replace(/\.ts$/, '.js')), compiled);
}
