import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { useMemo, useRef } from 'preact/hooks';
import { Editor, type Marks } from './editor.tsx';
import { canChoosePlace, save } from './files.ts';
import { completeMap } from './map-completion.ts';
import {
  answer,
  chosen,
  file,
  imported,
  isChanged,
  map,
  notice,
  openFile,
  pinned,
  pointed,
  problem,
  putMap,
  readFile,
  record,
  savedMap,
  schema,
} from './model.ts';
import { plural, shortName } from './names.ts';
import { goTo, lineMarks, marker } from './places.ts';
import { pathsOf } from './record-json.ts';

const kinds = { key: 'property', path: 'variable', function: 'function', value: 'enum' } as const;

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const known = schema.peek();
  const before = state.sliceDoc(0, pos);
  const found = known && completeMap(before, known, pathsOf(record.peek()));
  if (!found) return null;
  const from = state.doc.lineAt(pos).from + found.from;
  // Nobody who begins an empty line wants a list of 160 keys before they typed a letter.
  if (from === pos && !explicit) return null;
  const options = found.all.map(({ label, detail, info, apply, kind }) => ({
    label,
    type: kinds[kind],
    ...(detail && { detail }),
    ...(info && { info }),
    ...(apply && { apply }),
  }));
  return { from, options, validFor: /^[$\w.]*$/ };
}

const language = [yaml(), autocompletion({ override: [complete], icons: false })];

const template = `# A map of your own: it is tried alone, for every destination.
mappings:
  - id: '*'
    map:
      eventClass: Event
      eventName: $operation > 'event'
      severity: 3
      extension:
        suser: $userName
`;

/** The editor of the map on the bench, which other panels send to a line. */
export const mapEditor: { view: EditorView | undefined } = { view: undefined };

/** The map: a file of the configuration in use, or one of the person's own. */
export function MapPanel() {
  const diagnostics = answer.value?.diagnostics ?? [];
  const key = chosen.value;
  const isPinned = pointed.value === undefined && pinned.value !== undefined;
  const name = file.value;
  const marks = useMemo(
    (): Marks => ({
      decorations: (state) =>
        lineMarks(
          state,
          (key?.key.from ?? []).flatMap(({ at }) => (at && at.file === name ? [at] : [])),
        ),
      isScrolledTo: isPinned,
    }),
    [key, isPinned, name],
  );
  const findings = useMemo(
    () => (state: EditorState) => diagnostics.map((one) => marker(state, one)),
    [answer.value],
  );
  return (
    <section class="bench-panel" aria-labelledby="bench-map">
      <div class="bench-head">
        <h2 id="bench-map">Map</h2>
        {isChanged.value && <span class="bench-changed">changed</span>}
      </div>
      <div class="bench-tools">
        <FileList />
        <OpenButton />
        <button
          type="button"
          onClick={() => void saveMap()}
          title="On your own machine; the service's file stays as it is"
        >
          {canChoosePlace ? 'Save…' : 'Download'}
        </button>
        {isChanged.value && (
          <button type="button" class="quiet" onClick={() => (map.value = savedMap.value)}>
            Back
          </button>
        )}
      </div>
      <Editor
        label="Map, YAML"
        hint="Write a map, or open one"
        text={map}
        language={language}
        findings={findings}
        marks={marks}
        onReady={(view) => {
          mapEditor.view = view;
        }}
      />
      <Findings />
      <p class="bench-foot">Ctrl+Space completes. Escape, then Tab, leaves an editor.</p>
    </section>
  );
}

function FileList() {
  const { files = [] } = schema.value ?? {};
  const isOwn = !files.includes(file.value);
  const choose = (list: HTMLSelectElement): void => {
    const { value } = list;
    if (value === file.value || !mayLeave()) {
      list.value = file.value;
      return;
    }
    if (value === '') putMap('my-mapping.yaml', template);
    else void openFile(value);
  };
  return (
    <select
      aria-label="Mapping file"
      value={file.value}
      onChange={({ currentTarget }) => choose(currentTarget)}
    >
      <optgroup label="In use">
        {files.map((one) => (
          <option key={one} value={one}>
            {shortName(one)}
          </option>
        ))}
      </optgroup>
      <optgroup label="Not in use">
        {isOwn && file.value !== '' && <option value={file.value}>{file.value}</option>}
        <option value="">A new map…</option>
      </optgroup>
    </select>
  );
}

function OpenButton() {
  const input = useRef<HTMLInputElement>(null);
  const read = async (list: HTMLInputElement): Promise<void> => {
    const [chosenFile] = list.files ?? [];
    if (chosenFile && mayLeave()) await readFile(chosenFile.name, await chosenFile.text());
    list.value = '';
  };
  return (
    <>
      <button
        type="button"
        onClick={() => input.current!.click()}
        title="YAML or JSON, or FileCloud's auditmap.php and systemalertsmap.php"
      >
        Open a file…
      </button>
      <input
        ref={input}
        class="hidden"
        type="file"
        tabIndex={-1}
        aria-label="Mapping file to open"
        accept=".yaml,.yml,.json,.php"
        onChange={({ currentTarget }) => void read(currentTarget)}
      />
    </>
  );
}

function mayLeave(): boolean {
  return !isChanged.value || confirm('The map has changes that are not saved. Leave them?');
}

async function saveMap(): Promise<void> {
  const text = map.value;
  try {
    const name = await save(file.value, text);
    if (name === undefined) return;
    savedMap.value = text;
    notice.value = `${name} is saved on your machine. The service goes on with its own file until you put it there.`;
  } catch (error) {
    problem.value = `The map could not be saved: ${(error as Error).message}`;
  }
}

/** What is wrong in the map, each with its place; and what could not be read of a PHP file. */
function Findings() {
  const diagnostics = answer.value?.diagnostics ?? [];
  const php = imported.value;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return (
    <div class="bench-findings">
      <p role="status" class={errors > 0 ? 'problem' : undefined}>
        {counts.length > 0 ? counts.join(', ') : answer.value ? 'No findings' : ''}
      </p>
      {diagnostics.length > 0 && (
        <ul aria-label="Findings in the map">
          {diagnostics.map(({ line, column, severity, code, message, hint }) => (
            <li key={`${line}:${column}:${code}:${message}`}>
              <button
                type="button"
                class="quiet small finding"
                onClick={() => mapEditor.view && goTo(mapEditor.view, line, column)}
              >
                <span class={severity === 'error' ? 'bench-error' : 'bench-warning'}>
                  {line}:{column} {severity}
                </span>{' '}
                {message}
                {hint !== undefined && <span class="hint">{hint}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      {php && (
        <details open={php.diagnostics.length > 0}>
          <summary>
            {php.name}, as YAML
            {php.diagnostics.length > 0 && `: ${plural(php.diagnostics.length, 'finding')}`}
          </summary>
          <p class="hint">
            A .php file may also be named in destinations.yaml as it is; it is read, never run.
          </p>
          <ul>
            {php.diagnostics.map(({ line, column, severity, message }) => (
              <li key={`${line}:${column}:${message}`}>
                <span class={severity === 'error' ? 'bench-error' : 'bench-warning'}>
                  {line}:{column} {severity}
                </span>{' '}
                {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
