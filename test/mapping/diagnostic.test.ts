import { expect, test } from 'vitest';
import { codes, type Diagnostic, Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';

const finding: Diagnostic = {
  code: codes.unknownKey,
  severity: 'error',
  file: 'mappings/audit.yaml',
  line: 12,
  column: 7,
  length: 10,
  message: "unknown key 'eventclass'",
};

test('a finding is one clickable line, the source line with carets, and the hint behind them', () => {
  const text = formatDiagnostic({
    ...finding,
    source: '      eventclass: login',
    hint: "did you mean 'eventClass'?",
  });
  expect(text).toBe(
    [
      "mappings/audit.yaml:12:7: error M003: unknown key 'eventclass'",
      '   12 |       eventclass: login',
      "      |       ^^^^^^^^^^ did you mean 'eventClass'?",
    ].join('\n'),
  );
});

test('tabs before the place keep their width in the line of carets', () => {
  const text = formatDiagnostic({ ...finding, column: 3, length: 1, source: '\t\tx: 1' });
  expect(text.split('\n')[2]).toBe('      | \t\t^');
});

test('the carets end with the source line', () => {
  const text = formatDiagnostic({ ...finding, column: 5, length: 99, source: 'id: ab' });
  expect(text.split('\n')[2]).toBe('      |     ^^');
});

test('a finding without a source line still shows its hint', () => {
  expect(formatDiagnostic({ ...finding, hint: 'write it' })).toMatch(/^mappings.*\n {6}= write it$/);
  expect(formatDiagnostic(finding)).not.toContain('\n');
});

test('warnings are findings and no errors', () => {
  const diagnostics = new Diagnostics();
  diagnostics.add({ ...finding, severity: 'warning' });
  expect(diagnostics.hasErrors).toBe(false);
  diagnostics.add(finding);
  expect(diagnostics.hasErrors).toBe(true);
  expect(diagnostics.all).toHaveLength(2);
});

test('every kind of finding has a code of its own', () => {
  expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
});
