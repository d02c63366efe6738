// Compiles plugin/direct/assembly/, which is AssemblyScript, to WebAssembly: in a module of its own, so that nothing has to be
// compiled, found or read where the service runs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const source = 'plugin/direct/assembly/index.ts';

/** Pages of 64 KiB: as much memory as plugin/direct/assembly.ts divides up; it never grows. */
const pages = 128;

const options = [
  ...['--runtime', 'stub', '-O3', '--noAssert', '--enable', 'simd', '--enable', 'bulk-memory'],
  ...['--initialMemory', pages, '--maximumMemory', pages].map(String),
];

/** What AssemblyScript says with a decorator no other tool that reads these files can parse: there it is a comment. */
function readFile(name, folder) {
  try {
    return readFileSync(join(folder, name), 'utf8').replaceAll('// @inline\n', '@inline\n');
  } catch {
    return null; // It looks for a file under several names.
  }
}

/** @returns {Promise<string>} the module's text. @throws Error with what the compiler says */
export async function assemblyModule(note) {
  let code;
  const writeFile = (_name, contents) => {
    code = contents;
  };
  const args = [source, ...options, '--outFile', 'code.wasm'];
  const { error, stderr } = await asc.main(args, { readFile, writeFile });
  const said = stderr.toString();
  if (error || said !== '') throw new Error(`${source}: ${said || error.message}`);
  return `// ${note}\n\n/** WebAssembly, in base64. */\nexport const code =\n  '${Buffer.from(code).toString('base64')}';\n`;
}
