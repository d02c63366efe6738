import { json } from '@codemirror/lang-json';
import type { EditorState } from '@codemirror/state';
import { Decoration } from '@codemirror/view';
import { useMemo } from 'preact/hooks';
import type { SampleAnswer, SeenAnswer } from '../../http/api/workbench-types.ts';
import { Editor, type Marks } from './editor.tsx';
import { rangeOfPath } from './json-ranges.ts';
import {
  answer,
  chosen,
  pinned,
  pointed,
  record,
  refreshSeen,
  samples,
  seen,
  tag,
  takeSample,
} from './model.ts';
import { shortName } from './names.ts';

const language = json();

/** The record: pasted, a sample, or one of the last that came. */
export function RecordPanel() {
  const { input, problem } = answer.value ?? {};
  const key = chosen.value;
  const isPinned = pointed.value === undefined && pinned.value !== undefined;
  const marks = useMemo(
    (): Marks => ({
      decorations: (state) =>
        (key?.key.from ?? [])
          .flatMap(({ paths }) => paths.map(({ segments }) => rangeOfPath(state, segments)))
          .flatMap((range) => (range && range.from < range.to ? [linked.range(range.from, range.to)] : []))
          .sort((one, other) => one.from - other.from),
      isScrolledTo: isPinned,
    }),
    [key, isPinned],
  );
  const findings = useMemo(
    () => (state: EditorState) => {
      if (!problem || record.peek().trim() === '') return [];
      const from = Math.min(problem.offset, state.doc.length);
      return [
        {
          from,
          to: Math.min(from + 1, state.doc.length),
          severity: 'error' as const,
          message: problem.message,
        },
      ];
    },
    [problem],
  );
  return (
    <section class="bench-panel" aria-labelledby="bench-record">
      <div class="bench-head">
        <h2 id="bench-record">Record</h2>
        {input && record.value.trim() !== input.text && (
          <button type="button" class="quiet small" onClick={() => (record.value = input.text)}>
            Indent
          </button>
        )}
      </div>
      <div class="bench-tools">
        <SampleList />
        <SeenList />
        <label class="bench-tag">
          <span>Tag</span>
          <input
            value={tag.value}
            placeholder="any"
            spellcheck={false}
            autocomplete="off"
            onInput={({ currentTarget }) => (tag.value = currentTarget.value)}
          />
        </label>
      </div>
      <Editor
        label="Record, JSON"
        hint="Paste a record: JSON, a line of NDJSON, or a dead letter"
        text={record}
        language={language}
        findings={findings}
        marks={marks}
      />
      <p class="bench-foot">
        {problem ? (
          <span class="problem">{sentence(problem.message)}</span>
        ) : input && input.count > 1 ? (
          `The first of ${input.count} records is shown.`
        ) : (
          'What you paste stays here and in the service’s memory; nothing is sent to a SIEM.'
        )}
      </p>
    </section>
  );
}

const linked = Decoration.mark({ class: 'cm-linked' });

function SampleList() {
  const groups = grouped(samples.value);
  return (
    <select
      aria-label="Sample record"
      value=""
      onChange={({ currentTarget }) => take(currentTarget, samples.value)}
    >
      <option value="">Sample…</option>
      {[...groups].map(([from, list]) => (
        <optgroup key={from} label={shortName(from)}>
          {list.map((one) => (
            <option key={one.record} value={samples.value.indexOf(one)}>
              {one.name}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

function SeenList() {
  const { isKept, records } = seen.value;
  if (!isKept)
    return (
      <select
        disabled
        aria-label="One of the last records that came"
        title="service.keep_seen in destinations.yaml keeps the last records in memory; it is off"
      >
        <option>Last seen: off</option>
      </select>
    );
  return (
    <select
      aria-label="One of the last records that came"
      value=""
      onFocus={() => void refreshSeen()}
      onChange={({ currentTarget }) => take(currentTarget, records)}
    >
      <option value="">Last seen ({records.length})…</option>
      {records.map((one, index) => (
        <option key={one.time + one.record} value={index}>
          {`${one.time.slice(11, 19)} ${one.tag} ${one.record.slice(0, 60)}`}
        </option>
      ))}
    </select>
  );
}

function take(list: HTMLSelectElement, records: readonly (SampleAnswer | SeenAnswer)[]): void {
  const chosenOne = list.value === '' ? undefined : records[Number(list.value)];
  // The same one may be chosen again.
  list.value = '';
  if (chosenOne) void takeSample(chosenOne);
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function grouped(list: readonly SampleAnswer[]): Map<string, SampleAnswer[]> {
  const groups = new Map<string, SampleAnswer[]>();
  for (const one of list) groups.set(one.from, [...(groups.get(one.from) ?? []), one]);
  return groups;
}
