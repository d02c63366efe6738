import { batch, computed, effect, signal } from '@preact/signals';
import type {
  ImportAnswer,
  KeyAnswer,
  RenderAnswer,
  SampleAnswer,
  SchemaAnswer,
  SeenAnswer,
} from '../../http/api/workbench-types.ts';
import { get, post, RequestError } from '../client.ts';
import { indentedJson } from './record-json.ts';

// The workbench's state. It outlives the view: who looks at another one finds the map again as it was left.

/** So long after the last keystroke a record is rendered, milliseconds. */
const pause = 180;

export const record = signal('');
export const tag = signal('');
/** Name of the mapping file on the bench; one that is in no configuration is tried alone. */
export const file = signal('');
export const map = signal('');
/** What the file held when it was opened, or when it was last saved. */
export const savedMap = signal('');
export const isChanged = computed(() => map.value !== savedMap.value);

export const answer = signal<RenderAnswer | undefined>(undefined);
/** The last one without an error in record or map: what it said stays in sight, dimmed, while someone types. */
export const lastGood = signal<RenderAnswer | undefined>(undefined);
export const isBusy = signal(false);
export const problem = signal('');
/** What was just done, for people who do not see it. */
export const notice = signal('');
/** Findings in a PHP file that was read. */
export const imported = signal<(ImportAnswer & { readonly name: string }) | undefined>(undefined);

export const schema = signal<SchemaAnswer | undefined>(undefined);
export const samples = signal<readonly SampleAnswer[]>([]);
export const seen = signal<{ isKept: boolean; records: readonly SeenAnswer[] }>({
  isKept: false,
  records: [],
});

/** A key of a result that someone points at; a pinned one stays until another one is. */
export interface Chosen {
  readonly destination: string;
  readonly event: number;
  readonly index: number;
  readonly key: KeyAnswer;
}
export const pointed = signal<Chosen | undefined>(undefined);
export const pinned = signal<Chosen | undefined>(undefined);
export const chosen = computed(() => pointed.value ?? pinned.value);

let isStarted = false;

/** Fetches what the workbench begins with, once. */
export async function start(): Promise<void> {
  if (isStarted) return;
  isStarted = true;
  try {
    const [known, { samples: shipped }] = await Promise.all([
      get<SchemaAnswer>('api/workbench/schema'),
      get<{ samples: readonly SampleAnswer[] }>('api/workbench/samples'),
    ]);
    batch(() => {
      schema.value = known;
      samples.value = shipped;
    });
    void refreshSeen();
    const first = shipped.find(({ from }) => !known.files.includes(from)) ?? shipped[0];
    if (first) await takeSample(first);
    else if (known.files[0] !== undefined) await openFile(known.files[0]);
  } catch (error) {
    isStarted = false;
    problem.value = (error as Error).message;
  }
}

export async function refreshSeen(): Promise<void> {
  try {
    seen.value = await get('api/workbench/seen');
  } catch {
    // The list stays as it is; the next answer tells what is wrong.
  }
}

/** Puts a sample on the bench, and the file that it is an example of, unless a changed map would be lost. */
export async function takeSample(sample: SampleAnswer | SeenAnswer): Promise<void> {
  batch(() => {
    record.value = indentedJson(sample.record);
    tag.value = sample.tag;
  });
  const { files } = schema.value!;
  const from = 'from' in sample && files.includes(sample.from) ? sample.from : undefined;
  if (from !== undefined && !isChanged.value && from !== file.value) await openFile(from);
  if (file.value === '' && files[0] !== undefined) await openFile(files[0]);
}

/** Puts a mapping file of the configuration in use on the bench. */
export async function openFile(name: string): Promise<void> {
  try {
    const { text } = await get<{ text: string }>(`api/workbench/mapping?file=${encodeURIComponent(name)}`);
    putMap(name, text);
  } catch (error) {
    problem.value = (error as Error).message;
  }
}

/** Puts a text on the bench. */
export function putMap(name: string, text: string): void {
  batch(() => {
    file.value = name;
    map.value = text;
    savedMap.value = text;
    imported.value = undefined;
    pinned.value = undefined;
    problem.value = '';
  });
}

/** A file of the person's own: YAML and JSON as they are, FileCloud's PHP as YAML. */
export async function readFile(name: string, text: string): Promise<void> {
  if (!/\.php$/i.test(name)) {
    putMap(name, text);
    notice.value = `${name} is read.`;
    return;
  }
  try {
    const read = await post<ImportAnswer>('api/workbench/import', { text, file: name });
    putMap(name.replace(/\.php$/i, '.yaml'), read.yaml);
    imported.value = { ...read, name };
    notice.value = `${name} is read and shown as YAML.`;
  } catch (error) {
    problem.value = (error as Error).message;
  }
}

let controller: AbortController | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

effect(() => {
  const request = {
    record: record.value,
    tag: tag.value,
    ...(map.value.trim() !== '' && { mapping: { text: map.value, file: file.value } }),
  };
  clearTimeout(timer);
  controller?.abort();
  if (schema.value === undefined) return;
  timer = setTimeout(() => void render(request), pause);
});

async function render(request: unknown): Promise<void> {
  controller = new AbortController();
  const { signal: aborted } = controller;
  isBusy.value = true;
  try {
    const found = await post<RenderAnswer>('api/workbench/render', request, aborted);
    if (aborted.aborted) return;
    batch(() => {
      answer.value = found;
      problem.value = '';
      isBusy.value = false;
      pointed.value = undefined;
      if (found.destinations.length > 0) lastGood.value = found;
      if (found.input?.kind === 'dead-letter') unpack(found);
    });
  } catch (error) {
    if (aborted.aborted) return;
    isBusy.value = false;
    problem.value = error instanceof RequestError ? error.message : String(error);
  }
}

/** The record takes the dead letter's place. Undo brings it back. */
function unpack({ input }: RenderAnswer): void {
  record.value = input!.text;
  tag.value = input!.tag;
  notice.value = 'The record was taken out of the dead letter, and its tag.';
}
