import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePath } from '../../compile/path.ts';
import { isRecord } from '../../fluent/entry.ts';
import { isEmpty } from '../../mapping/empty.ts';
import { toJsonText, tryParseJson } from '../../mapping/json.ts';
import type { MappingSet } from '../../mapping/model.ts';
import { toText } from '../../mapping/text.ts';
import type { SampleAnswer } from '../../workbench/answer.ts';
import { packageRoot } from '../package-root.ts';

/** Records that the package ships, and their tag. */
const shipped = [{ file: 'mappings/examples/filecloud-audit.ndjson', tag: 'filecloud.audit' }];

/** The examples of the mapping files in use, then those that the package ships. */
export function samplesOf(sets: readonly MappingSet[]): SampleAnswer[] {
  const ofFiles = [...new Map(sets.map((set) => [set.file, set])).values()].flatMap((set) =>
    set.mappings.flatMap(({ examples }) =>
      examples.map(
        ({ record }): SampleAnswer => ({
          name: nameOf(record, set),
          from: set.file,
          tag: set.match.includes('*') ? '' : set.match,
          record: toJsonText(record),
        }),
      ),
    ),
  );
  return [...ofFiles, ...shippedSamples()];
}

let known: SampleAnswer[] | undefined;

function shippedSamples(): SampleAnswer[] {
  known ??= shipped.flatMap(({ file, tag }) =>
    readFileSync(join(packageRoot, file), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const record = tryParseJson(line);
        return isRecord(record) ? [{ name: wordOf(record.operation), from: file, tag, record: line }] : [];
      }),
  );
  return known;
}

/** What tells one record of a file from another: its id. */
function nameOf(record: Readonly<Record<string, unknown>>, { idFields }: MappingSet): string {
  return wordOf(idFields.map((field) => compilePath(field)(record)).find((value) => !isEmpty(value)));
}

function wordOf(value: unknown): string {
  return isEmpty(value) ? 'record' : (toText(value) ?? 'record');
}
