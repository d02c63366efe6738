import { type Diagnostic, formatDiagnostic } from '../mapping/diagnostic.ts';
import type { LoadResult } from './load.ts';

/** All findings and a summary line, for people. */
export function describeFindings({ diagnostics, files }: Pick<LoadResult, 'diagnostics' | 'files'>): string {
  const errors = diagnostics.all.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.all.length - errors;
  const summary = `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(files.length, 'file')}`;
  const inOrder = files.flatMap((file) => diagnostics.all.filter((one) => one.file === file).sort(byPlace));
  return [...inOrder.map(formatDiagnostic), summary].join('\n');
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.line - other.line || one.column - other.column;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
