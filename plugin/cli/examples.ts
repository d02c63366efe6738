import { noProblems } from '../compile/event.ts';
import { compileMapper } from '../compile/mapper.ts';
import { compileCef } from '../format/cef.ts';
import { readSettings } from '../mapping/destinations.ts';
import { codes, Diagnostics } from '../mapping/diagnostic.ts';
import type { MappingSet } from '../mapping/model.ts';
import { YamlSource } from '../mapping/yaml-source.ts';

/** What an example is rendered as: CEF whose device fields, which examples leave out, are as short as can be. */
const exampleSettings = readSettings(
  '',
  '{ destinations: { example: { format: cef, device: { vendor: v, product: p, version: "1" }, mappings: [x] } } }',
  new Diagnostics(),
  { secrets: { environment: () => undefined, file: () => undefined }, version: '', hostname: '' },
)!.settings.destinations[0]!;
const render = compileCef(exampleSettings);
const header = 'CEF:0|v|p|1|';

/**
 * Maps the examples of a file and compares what comes with what they say. An example is for the mapping it
 * stands in: another one that takes its record is a finding as well.
 *
 * @param text the file's content, for the place of a finding
 */
export function checkExamples(set: MappingSet, text: string, diagnostics: Diagnostics): void {
  const withExamples = set.mappings.filter(({ examples }) => examples.length > 0);
  if (withExamples.length === 0) return;
  let source: YamlSource | undefined;
  // An example may be shorter than a record of that shape.
  const map = compileMapper([{ ...set, shape: [] }]);
  for (const { examples } of withExamples) {
    for (const { record, cef, at } of examples) {
      const outcome = map(record, '', 0, noProblems());
      const events = outcome.kind === 'mapped' ? outcome.events : [];
      const lines = events.map((event) => String(render(event, noProblems()).message).slice(header.length));
      if (lines.includes(cef)) continue;
      const found =
        lines.length === 0 ? `nothing: the record is ${outcome.kind}` : lines.join('\n             ');
      const message = `the example gives another line\n    expected ${cef}\n    found    ${found}`;
      // Parsed once more, for the place alone: a file without a mistake is not.
      source ??= new YamlSource(set.file, text, new Diagnostics());
      diagnostics.add({
        code: codes.failedExample,
        severity: 'error',
        file: set.file,
        ...source.span(at),
        message,
      });
    }
  }
}
