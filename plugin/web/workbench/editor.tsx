import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { type EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { editorLook } from './editor-look.ts';

/** What is marked because a key that someone points at comes from there. */
export interface Marks {
  readonly decorations: (state: EditorState) => readonly Range<Decoration>[];
  /** The first of them is to be in sight. */
  readonly isScrolledTo: boolean;
}

export interface EditorProps {
  /** Said by screen readers. */
  readonly label: string;
  readonly text: Signal<string>;
  readonly language: Extension;
  readonly hint: string;
  readonly findings: (state: EditorState) => readonly Diagnostic[];
  readonly marks: Marks;
  /** Gets the editor, for who is to go to a line. */
  readonly onReady?: (view: EditorView) => void;
}

const mark = StateEffect.define<readonly Range<Decoration>[]>();

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    const set = transaction.effects.find((effect) => effect.is(mark));
    if (set) return Decoration.set([...(set.value as readonly Range<Decoration>[])], true);
    return before.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * An editor. It lives in a shadow root: only there its styles come without a <style> element, which the content security
 * policy does not have.
 */
export function Editor({ label, text, language, hint, findings, marks, onReady }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(findings);
  const markFindings = (): void => {
    const { state } = view.current!;
    view.current!.dispatch(setDiagnostics(state, latest.current(state)));
  };

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      root,
      parent: root,
      doc: text.peek(),
      extensions: [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of('  '),
        bracketMatching(),
        closeBrackets(),
        highlightSelectionMatches(),
        search({ top: true }),
        lintGutter(),
        marked,
        placeholder(hint),
        // Escape, then Tab, leaves the editor.
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': `${label}. Escape, then Tab, leaves the editor.` }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (!docChanged) return;
          const value = state.doc.toString();
          // The same text put in its own place: nobody is told, but what was marked in it is gone.
          if (value === text.peek()) queueMicrotask(markFindings);
          text.value = value;
        }),
        editorLook,
        language,
      ],
    });
    view.current = editor;
    onReady?.(editor);
    return () => editor.destroy();
  }, []);

  // What is put there by something else than typing: a sample, a file.
  useEffect(
    () =>
      text.subscribe((value) => {
        const { doc } = view.current!.state;
        if (value === doc.toString()) return;
        view.current!.dispatch({
          changes: { from: 0, to: doc.length, insert: value },
          selection: { anchor: 0 },
          scrollIntoView: true,
        });
      }),
    [],
  );

  useEffect(() => {
    latest.current = findings;
    markFindings();
  }, [findings]);

  useEffect(() => {
    const ranges = marks.decorations(view.current!.state);
    const [first] = ranges;
    view.current!.dispatch({ effects: mark.of(ranges) });
    if (first && marks.isScrolledTo) bringIntoSight(view.current!, first.from);
  }, [marks]);

  return <div class="editor" ref={host} />;
}

/** Within the editor alone: the page stays where it is, for somebody points at something in it. */
function bringIntoSight(view: EditorView, offset: number): void {
  const { top, bottom } = view.lineBlockAt(offset);
  const { scrollTop, clientHeight } = view.scrollDOM;
  if (top >= scrollTop && bottom <= scrollTop + clientHeight) return;
  view.scrollDOM.scrollTop = top - clientHeight / 3;
}
