import { useRef, useState } from 'preact/hooks';
import type {
  DestinationAnswer,
  EventAnswer,
  KeyAnswer,
  MappingPlace,
  StepAnswer,
} from '../../http/api/workbench-types.ts';
import { mapEditor } from './map-panel.tsx';
import {
  answer,
  type Chosen,
  chosen,
  file,
  isBusy,
  isChanged,
  lastGood,
  openFile,
  pinned,
  pointed,
  problem,
} from './model.ts';
import { plural, shortName } from './names.ts';
import { goTo } from './places.ts';

/** What every destination would get of the record. */
export function Results() {
  const shown = lastGood.value;
  const isOld = shown !== answer.value;
  const { standIns = [] } = answer.value ?? {};
  return (
    <section class="bench-panel bench-results" aria-labelledby="bench-results" aria-busy={isBusy.value}>
      <div class="bench-head">
        <h2 id="bench-results">Result</h2>
        <span role="status" class="hint">
          {summary()}
        </span>
      </div>
      {problem.value !== '' && (
        <p role="alert" class="problem">
          {problem.value}
        </p>
      )}
      {standIns.length > 0 && (
        <p class="hint">
          Secrets are not read here: a fixed word stands for {standIns.slice(0, 4).join(', ')}
          {standIns.length > 4 && ' and others'}, so what is made with them is another.
        </p>
      )}
      <div class={isOld ? 'bench-cards old' : 'bench-cards'}>
        {shown?.destinations.map((one) => (
          <Destination key={one.name} destination={one} />
        ))}
      </div>
      <KeyBar />
    </section>
  );
}

function summary(): string {
  const { destinations = [], input, diagnostics = [] } = answer.value ?? {};
  if (!answer.value) return '';
  if (!input) return lastGood.value ? 'of the last good record' : '';
  if (diagnostics.some(({ severity }) => severity === 'error')) return 'of the map before the error';
  const mapped = destinations.filter(({ events }) => events.length > 0).length;
  return `${mapped} of ${plural(destinations.length, 'destination')} ${mapped === 1 ? 'gets' : 'get'} it`;
}

const outcomes: Readonly<Record<DestinationAnswer['outcome'], readonly [word: string, kind: string]>> = {
  mapped: ['mapped', 'good'],
  passed: ['sent as it is', 'good'],
  filtered: ['filtered out', ''],
  unmapped: ['no map is for it', 'warn'],
  'dead-letter': ['dead letter', 'bad'],
};

function Destination({ destination }: { destination: DestinationAnswer }) {
  const { name, format, outcome, reason, steps, events, notes } = destination;
  const [word, kind] = outcomes[outcome];
  const id = `bench-${name}`;
  return (
    <article class="bench-card" aria-labelledby={id}>
      <div class="spread">
        <h3 id={id}>
          {name} <small>{format}</small>
        </h3>
        <span class={`badge ${kind}`}>{word}</span>
      </div>
      {reason !== undefined && <p class="problem">{reason}</p>}
      {outcome === 'unmapped' && <p class="hint">The destination drops and counts it (unmapped: drop).</p>}
      {events.map((event, index) => (
        <EventShown key={index} destination={name} index={index} event={event} />
      ))}
      {notes.map((note) => (
        <p key={note} class="bench-note">
          {note}
        </p>
      ))}
      <Steps steps={steps} />
    </article>
  );
}

function Steps({ steps }: { steps: readonly StepAnswer[] }) {
  const isOpen = steps.every(({ verdict }) => verdict === 'passed');
  if (steps.length === 0) return null;
  return (
    <details class="bench-steps" open={isOpen}>
      <summary>Which map, and why</summary>
      <ol>
        {steps.map((step, index) => (
          <li key={index} class={step.verdict}>
            {step.mapping ? <PlaceLink place={step.mapping} /> : <code>{shortName(step.file)}</code>}{' '}
            {verdictOf(step)}
          </li>
        ))}
      </ol>
    </details>
  );
}

function verdictOf({ verdict, why, mapping }: StepAnswer): string {
  switch (verdict) {
    case 'taken':
      return 'takes it';
    case 'filtered':
      return `filters it out: ${why}`;
    case 'ended':
      return `is the last that is looked at: ${why}`;
    case 'passed':
      return mapping ? `is not for it: ${why}` : `— ${why}`;
  }
}

/** Leads to a mapping in its file. */
function PlaceLink({ place }: { place: MappingPlace }) {
  return (
    <button type="button" class="link" onClick={() => void goToPlace(place.file, place.line)}>
      {shortName(place.file)}:{place.line} <b>{place.name}</b>
    </button>
  );
}

async function goToPlace(name: string, line: number, column = 1): Promise<void> {
  if (name !== file.value) {
    if (isChanged.value && !confirm('The map has changes that are not saved. Leave them?')) return;
    await openFile(name);
  }
  // The editor has the text after this turn.
  setTimeout(() => mapEditor.view && goTo(mapEditor.view, line, column), 0);
}

function EventShown({
  destination,
  index,
  event,
}: {
  destination: string;
  index: number;
  event: EventAnswer;
}) {
  const { mapping, pieces, keys, leftOut, isUnlinked, text } = event;
  return (
    <div class="bench-event">
      <div class="bench-made">
        <p class="hint">{mapping ? <>by {<PlaceLink place={mapping} />}</> : 'the record as it is'}</p>
        <CopyButton text={text} />
      </div>
      <Line destination={destination} index={index} pieces={pieces} keys={keys} />
      {isUnlinked && <p class="hint">Too large for its keys to be followed.</p>}
      {leftOut.length > 0 && (
        <details class="bench-steps">
          <summary>{plural(leftOut.length, 'key')} left out</summary>
          <ul>
            {leftOut.map(({ key, why, at }) => (
              <li key={key}>
                {at ? (
                  <button
                    type="button"
                    class="link"
                    onClick={() => void goToPlace(at.file, at.line, at.column)}
                  >
                    {key}
                  </button>
                ) : (
                  <code>{key}</code>
                )}{' '}
                — {why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

interface LineProps {
  readonly destination: string;
  readonly index: number;
  readonly pieces: EventAnswer['pieces'];
  readonly keys: readonly KeyAnswer[];
}

/** The event, each key of which can be pointed at: by the mouse, or with arrow keys as one stop of Tab. */
function Line({ destination, index, pieces, keys }: LineProps) {
  const [current, setCurrent] = useState(0);
  const group = useRef<HTMLFieldSetElement>(null);
  const chosenOf = (key: number): Chosen => ({ destination, event: index, index: key, key: keys[key]! });
  const isChosen = (key: number): boolean => {
    const one = chosen.value;
    return one?.destination === destination && one.event === index && one.index === key;
  };
  const stop = Math.min(current, keys.length - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const next =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? keys.length - 1
          : Object.hasOwn(steps, event.key)
            ? stop + steps[event.key]!
            : undefined;
    if (next === undefined || !keys[next]) return;
    event.preventDefault();
    group.current!.querySelector<HTMLElement>(`[data-key="${next}"]`)?.focus();
  };
  return (
    <fieldset
      class="bench-line"
      aria-label={`Event for ${destination}; arrow keys go from key to key`}
      ref={group}
      onKeyDown={onKeyDown}
    >
      {pieces.map(({ text, key }, place) =>
        key === undefined ? (
          <span key={place} class="plain">
            {text}
          </span>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: a <button> does not break in the middle of a line
          <span
            key={place}
            class={isChosen(key) ? 'piece chosen' : 'piece'}
            role="button"
            aria-label={spoken(keys[key]!)}
            aria-pressed={isChosen(key)}
            data-key={key}
            tabIndex={key === stop ? 0 : -1}
            onMouseEnter={() => (pointed.value = chosenOf(key))}
            onMouseLeave={() => (pointed.value = undefined)}
            onFocus={() => {
              setCurrent(key);
              pinned.value = chosenOf(key);
            }}
          >
            {text}
          </span>
        ),
      )}
    </fieldset>
  );
}

function spoken({ name, value, from }: KeyAnswer): string {
  const sources = from.map(
    ({ part, why, at }) => `${part} ${why.replace('<-', 'from')}${at ? `, line ${at.line}` : ''}`,
  );
  return `${name}, ${value.slice(0, 200)}. ${sources.join('; ') || 'the same in every event'}`;
}

function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" class="quiet small" onClick={() => void copy()}>
      {isCopied ? 'Copied' : 'Copy'}
    </button>
  );
}

/** Where the key that someone points at comes from. It has its place always, so that nothing moves. */
function KeyBar() {
  const one = chosen.value;
  if (!one) return <p class="bench-bar hint">Point at a key to see where it comes from.</p>;
  const { name, from } = one.key;
  return (
    <div class="bench-bar">
      <p>
        <b>{name}</b>
        {from.length === 0 && <span class="hint"> the same in every event of this destination</span>}
      </p>
      <ul>
        {from.slice(0, 3).map(({ part, why, at }) => (
          <li key={part}>
            {part !== name && <code>{part} </code>}
            <code class="bench-from">{why.replace('<-', '←')}</code>{' '}
            {at && (
              <button type="button" class="link" onClick={() => void goToPlace(at.file, at.line, at.column)}>
                {shortName(at.file)}:{at.line}
              </button>
            )}
          </li>
        ))}
        {from.length > 3 && <li class="hint">and {from.length - 3} more</li>}
      </ul>
    </div>
  );
}
