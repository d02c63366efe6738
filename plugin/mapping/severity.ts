import { codes } from './diagnostic.ts';
import type { Literal, Value } from './model.ts';
import type { PathInFile, SourceFile } from './source.ts';

/** The words CEF allows in place of a number (CEF implementation standard, ch. 1), by their small-letter form. */
export const severityWords: ReadonlyMap<string, string> = new Map(
  ['Unknown', 'Low', 'Medium', 'High', 'Very-High'].map((word) => [word.toLowerCase(), word]),
);

/** A severity that stands in the file is checked there; one that comes from a record is looked at when it comes. */
export function checkSeverity(source: SourceFile, at: PathInFile, severity: Value): void {
  const literals = severity.kind === 'chain' ? severity.alternatives : [severity];
  for (const literal of literals) if (literal.kind === 'literal') checkLiteral(source, at, literal);
}

function checkLiteral(source: SourceFile, at: PathInFile, { value }: Literal): void {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const fits =
    typeof number === 'number'
      ? Number.isInteger(number) && number >= 0 && number <= 10
      : severityWords.has(String(number).toLowerCase());
  if (!fits) {
    const words = [...severityWords.values()].join(', ');
    source.error(codes.severityOutOfRange, at, `severity must be 0-10, or one of ${words}; got '${value}'`);
  }
}
