import { noProblems } from '../compile/event.ts';
import { examine, type Step } from '../compile/examine.ts';
import { compileMapper } from '../compile/mapper.ts';
import { problemNotes } from '../compile/problem-notes.ts';
import type { CompiledDestination } from '../delivery/destination.ts';
import { renderBody } from '../delivery/render-body.ts';
import { fromMilliseconds } from '../fluent/event-time.ts';
import { decodeMsgpackBody } from '../fluent/msgpack-body.ts';
import { passedRecord } from '../format/index.ts';
import { Diagnostics } from '../mapping/diagnostic.ts';
import type { MappingFunction } from '../mapping/functions/types.ts';
import { toJsonText } from '../mapping/json.ts';
import { type MappingFileOptions, openSource, readMappingFile } from '../mapping/mapping-file.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { SourceFile } from '../mapping/source.ts';
import type { DestinationAnswer, RenderAnswer, RenderRequest, StepAnswer } from './answer.ts';
import { answerEvent, type Maker, placeOf } from './event-answer.ts';
import { type Input, readInput } from './input.ts';
import { StandIns } from './stand-in.ts';

/** A destination as the workbench needs it: with its mapping files, and what destinations.yaml says of each. */
export interface BenchDestination extends CompiledDestination {
  readonly sets: readonly MappingSet[];
  /** One for each of `sets`. */
  readonly options: readonly MappingFileOptions[];
}

/** A configuration on the bench. No secret is in it: stand-ins take their places. */
export interface BenchConfiguration {
  readonly destinations: readonly BenchDestination[];
  readonly functions: ReadonlyMap<string, MappingFunction>;
  /** Texts of the mapping files, as they were loaded. */
  readonly texts: ReadonlyMap<string, string>;
  /** References to secrets in the files, as they are written. */
  readonly standIns: ReadonlySet<string>;
  /** Renders a file's examples and compares. */
  readonly checkExamples: (set: MappingSet, text: string, diagnostics: Diagnostics) => void;
}

/** What a mapping that is tried has in the place of a file's. */
interface Trial {
  readonly file: string;
  readonly text: string;
}

/** Without a file's name findings and places have this one. */
const unnamed = 'mapping.yaml';

/**
 * Renders a record for every destination, by the code that `/map` uses, and says where all of it came from.
 *
 * @param now when the record is taken to be received, epoch milliseconds
 */
export function renderOnBench(
  configuration: BenchConfiguration,
  { record: pasted, tag = '', mapping, destination }: RenderRequest,
  now: number,
): RenderAnswer {
  const diagnostics = new Diagnostics();
  const standIns = new StandIns();
  const trial = mapping && { file: mapping.file || unnamed, text: mapping.text };
  const known = configuration.destinations.filter(
    ({ settings }) => destination === undefined || settings.name === destination,
  );
  const tried = trial ? withTrial(configuration, known, trial, diagnostics, standIns) : known;
  const input = readInput(pasted, tag, now);
  const references = [...new Set([...configuration.standIns, ...standIns.references])];
  const answer = { diagnostics: unique(diagnostics), standIns: references };
  if ('message' in input) return { ...answer, problem: input, destinations: [] };
  const { record: _, ...shown } = input;
  if (diagnostics.hasErrors) return { ...answer, input: shown, destinations: [] };
  const sourceOf = sources(configuration, trial);
  return {
    ...answer,
    input: shown,
    destinations: tried.map((one) => answerDestination(one, input, now, sourceOf)),
  };
}

/** The destinations with the text in the stead of the file of that name; alone, where none has such a file. */
function withTrial(
  { functions, destinations, checkExamples }: BenchConfiguration,
  known: readonly BenchDestination[],
  { file, text }: Trial,
  diagnostics: Diagnostics,
  standIns: StandIns,
): BenchDestination[] {
  const read = (options: MappingFileOptions): MappingSet | undefined =>
    readMappingFile(file, text, diagnostics, options, { functions, secrets: standIns });
  const isInUse = destinations.some(({ sets }) => sets.some((set) => set.file === file));
  const exchanged = known.map((one) => {
    if (isInUse && !one.sets.some((set) => set.file === file)) return one;
    const all = isInUse ? one.sets.map((set, index) => ({ set, options: one.options[index]! })) : [];
    const options = isInUse ? all.map((each) => each.options) : [{}];
    const sets = isInUse
      ? all.flatMap(({ set, options: own }) => (set.file === file ? (read(own) ?? []) : set))
      : [read({}) ?? []].flat();
    return { ...one, sets, options, map: compileMapper(sets), direct: undefined };
  });
  const set = exchanged.flatMap(({ sets }) => sets.filter((one) => one.file === file))[0];
  // An example with a pseudonym gives another one here.
  if (set && standIns.references.size === 0) checkExamples(set, text, diagnostics);
  return exchanged;
}

function sources({ texts }: BenchConfiguration, trial: Trial | undefined): (file: string) => SourceFile {
  const open = new Map<string, SourceFile>();
  return (file) => {
    const text = trial?.file === file ? trial.text : (texts.get(file) ?? '');
    const source = open.get(file) ?? openSource(file, text, new Diagnostics());
    open.set(file, source);
    return source;
  };
}

function answerDestination(
  destination: BenchDestination,
  { record, tag }: Input,
  now: number,
  sourceOf: (file: string) => SourceFile,
): DestinationAnswer {
  const { settings, sets, map, render } = destination;
  const steps = examine(sets, record, tag);
  const answer = { name: settings.name, format: settings.format, steps: steps.map(stepAnswer) };
  // What `/map` makes of it: also whether it is too large, and so on.
  const { tally, deadLetters } = renderBody(
    destination,
    Buffer.from(toJsonText(record)),
    fromMilliseconds(now),
    tag,
  );
  const notes = problemNotes(tally);
  if (deadLetters.count > 0) {
    const [letter] = decodeMsgpackBody(deadLetters.slice(0, 1), fromMilliseconds(now)).entries;
    return { ...answer, outcome: 'dead-letter', reason: String(letter?.record.reason), events: [], notes };
  }
  const outcome = map(record, tag, now, noProblems());
  const passes = outcome.kind === 'unmapped' && settings.unmapped === 'pass';
  const events = outcome.kind === 'mapped' ? outcome.events : passes ? [passedRecord(record, tag, now)] : [];
  const makers = steps.flatMap(({ set, mapping, verdict }): Maker[] =>
    mapping && verdict === 'taken' ? [{ set, mapping, source: sourceOf(set.file) }] : [],
  );
  return {
    ...answer,
    outcome: passes ? 'passed' : outcome.kind,
    events: events.map((event, index) =>
      answerEvent(settings, event, render(event, noProblems()), makers[index]),
    ),
    notes,
  };
}

function stepAnswer({ set, mapping, verdict, why }: Step): StepAnswer {
  return { file: set.file, verdict, why, ...(mapping && { mapping: placeOf({ set, mapping }) }) };
}

/** A file that several destinations use is read for each, and its findings are the same. */
function unique({ all }: Diagnostics): Diagnostics['all'] {
  const told = new Set<string>();
  return all.filter((one) => {
    const key = JSON.stringify(one);
    return !told.has(key) && told.add(key);
  });
}
