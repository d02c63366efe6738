import type { Diagnostic } from '@codemirror/lint';
import type { EditorState, Range } from '@codemirror/state';
import { Decoration, type EditorView } from '@codemirror/view';
import type { Place, RenderAnswer } from '../../http/api/workbench-types.ts';

type Finding = RenderAnswer['diagnostics'][number];

/** Offset of a line and column, both from 1; what is beyond the text is at its end. */
export function offsetOf({ doc }: EditorState, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(to, from + column - 1);
}

/** A finding as the editor marks it. */
export function marker(
  state: EditorState,
  { line, column, length, severity, code, message, hint }: Finding,
): Diagnostic {
  const from = offsetOf(state, line, column);
  const to = Math.min(from + length, state.doc.lineAt(from).to);
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return { from, to: Math.max(from, to), severity, source: code, message: text };
}

/** Lines of the map that a key comes from. */
export function lineMarks(state: EditorState, places: readonly Place[]): Range<Decoration>[] {
  const lines = new Set(places.map(({ line }) => Math.min(line, state.doc.lines)));
  return [...lines]
    .sort((one, other) => one - other)
    .map((line) => Decoration.line({ class: 'cm-linked-line' }).range(state.doc.line(line).from));
}

/** Puts the cursor there, and the place in sight. */
export function goTo(view: EditorView, line: number, column = 1): void {
  const anchor = offsetOf(view.state, line, column);
  view.dispatch({ selection: { anchor }, scrollIntoView: true });
  view.focus();
}
