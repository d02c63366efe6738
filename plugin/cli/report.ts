import { formatDiagnostic } from '../mapping/diagnostic.ts';
import type { LoadResult } from './load.ts';

/** All findings and a summary line, for people. */
export function describeFindings({ diagnostics, files }: Pick<LoadResult, 'diagnostics' | 'files'>): string {
  const errors = diagnostics.all.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.all.length - errors;
  const summary = `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(files.length, 'file')}`;
  return [...diagnostics.all.map(formatDiagnostic), summary].join('\n');
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
