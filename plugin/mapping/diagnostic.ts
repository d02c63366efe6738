import { mayShowSecret } from './secret-name.ts';

/** Every kind of finding has one stable code; a released code is never used for anything else. */
export const codes = {
  unreadableFile: 'M001',
  syntax: 'M002',
  unknownKey: 'M003',
  missingKey: 'M004',
  wrongShape: 'M005',
  unsupportedPhp: 'M006',
  unreadablePath: 'M010',
  unknownFunction: 'M011',
  wrongArgumentCount: 'M012',
  severityOutOfRange: 'M013',
  noFileMatches: 'M014',
  missingSecret: 'M015',
  unusableKey: 'M016',
  badAddress: 'M017',
  wideListener: 'M018',
  reservedName: 'M019',
  secretInFile: 'M020',
  brokenModule: 'M021',
  neverMatches: 'M022',
  doubtfulKey: 'M023',
  labelAlone: 'M024',
  doubtfulValue: 'M025',
  failedExample: 'M026',
  clearText: 'M027',
} as const;

/** Those of `doctor` stand with its rules. */
export type Code = (typeof codes)[keyof typeof codes] | `D${number}`;

/** Where something stands in a file; line and column count from 1, length is in characters. */
export interface Span {
  line: number;
  column: number;
  length: number;
}

/** One finding about a mapping or settings file. Printing it is `formatDiagnostic`'s business. */
export interface Diagnostic extends Span {
  code: Code;
  severity: 'error' | 'warning';
  file: string;
  message: string;
  /** What to do about it; at most one suggestion. */
  hint?: string;
  /** The source line, for the caret. Never the resolved text: it must not show a secret. */
  source?: string;
}

/** Collects findings, so that a person sees all of them at once and not only the first. */
export class Diagnostics {
  readonly all: Diagnostic[] = [];

  /** A line that may show a secret, which should not stand there, is left out. */
  add({ source, ...diagnostic }: Diagnostic): void {
    const isShown = source !== undefined && !mayShowSecret(source);
    this.all.push(isShown ? { ...diagnostic, source } : diagnostic);
  }

  get hasErrors(): boolean {
    return this.all.some((diagnostic) => diagnostic.severity === 'error');
  }
}

/**
 * Prints one finding as `file:line:col: error M003: sentence`, the source line and a caret under the
 * place, then the hint. The first line is clickable in editors and terminals.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, length, severity, code, message, hint, source } = diagnostic;
  const lines = [`${file}:${line}:${column}: ${severity} ${code}: ${message}`];
  if (source !== undefined) {
    const gutter = String(line).padStart(5);
    // Tabs keep their width under the caret line as well.
    const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
    const carets = '^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)));
    lines.push(`${gutter} | ${source}`, `      | ${indent}${carets}${hint ? ` ${hint}` : ''}`);
  } else if (hint) {
    lines.push(`      = ${hint}`);
  }
  return lines.join('\n');
}
