import { Diagnostics } from '../mapping/diagnostic.ts';
import { toYaml } from '../mapping/php/to-yaml.ts';
import { PhpSource } from '../mapping/php-source.ts';
import type { ImportAnswer } from './answer.ts';

/** FileCloud's PHP mapping file as YAML, as `import` writes it. The PHP is read, never run. */
export function importPhp(text: string, file: string): ImportAnswer {
  const diagnostics = new Diagnostics();
  const source = new PhpSource(file, text, diagnostics);
  return { yaml: toYaml(source.mappings, source.comments), diagnostics: diagnostics.all };
}
