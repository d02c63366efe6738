import type { ComponentChildren } from 'preact';
import type { DestinationState, History } from '../../http/api/types.ts';
import { number } from '../format.ts';
import { Actions } from './actions.tsx';
import { CounterTable } from './counter-table.tsx';
import { lastMinute, Plots } from './plots.tsx';
import { Ago, In, Since } from './when.tsx';

interface CardProps {
  readonly one: DestinationState;
  readonly history: History | undefined;
  readonly hasDeadLetters: boolean;
}

const badges: Readonly<Record<DestinationState['state'], readonly [kind: string, text: string]>> = {
  delivering: ['good', 'Delivering'],
  failing: ['bad', 'Failing'],
  paused: ['warn', 'Paused'],
  direct: ['', 'Fluent Bit delivers'],
};

/** All of one destination. */
export function DestinationCard({ one, history, hasDeadLetters }: CardProps) {
  const { name, state, format, to, counters } = one;
  const [kind, text] = badges[state];
  const columns = history?.destinations[name];
  const isDirect = state === 'direct';
  const dead = (counters.deadLetters ?? 0) + (counters.undeliverable ?? 0);
  const reasons = Object.entries(one.deadLetters)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${number(count)} ${reason.replaceAll('_', ' ')}`)
    .join(', ');
  return (
    <article class={`card destination ${state}`} aria-labelledby={`name-${name}`}>
      <header class="spread">
        <div class="row">
          <h2 id={`name-${name}`}>{name}</h2>
          <span class={`badge ${kind}`}>{text}</span>
          <span class="hint">
            {format}
            {to && ` to ${to}`}
          </span>
        </div>
        <Actions one={one} hasDeadLetters={hasDeadLetters} />
      </header>
      <Notices one={one} />
      <dl class="figures">
        <Figure name="Records in" hint="last minute" value={number(lastMinute(columns?.records))} />
        {!isDirect && (
          <>
            <Figure name="Delivered" hint="last minute" value={number(lastMinute(columns?.delivered))} />
            <Figure name="Waiting" hint="in Fluent Bit" value={number(columns?.waiting.at(-1) ?? 0)} />
            <Figure
              name="Oldest waiting"
              value={one.oldestWaiting ? <Since time={one.oldestWaiting} /> : 'none'}
            />
            <Figure
              name="Last success"
              value={one.lastSuccess ? <Ago time={one.lastSuccess} /> : 'none yet'}
            />
          </>
        )}
        <Figure
          name="Dead letters"
          hint={reasons || 'since start'}
          value={number(dead)}
          isAlarming={dead > 0}
        />
      </dl>
      {columns && <Plots history={history!} columns={columns} isDirect={isDirect} />}
      <CounterTable counters={counters} />
    </article>
  );
}

interface FigureProps {
  readonly name: string;
  readonly hint?: string;
  readonly value: ComponentChildren;
  readonly isAlarming?: boolean;
}

function Figure({ name, hint, value, isAlarming = false }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isAlarming ? 'alarming' : ''}>{value}</dd>
      {hint && <dd class="unit">{hint}</dd>}
    </div>
  );
}

/** What someone should know, or do. */
function Notices({ one }: { one: DestinationState }) {
  const { failure, paused, lastError, fluentBit, state } = one;
  return (
    <>
      {fluentBit.problem !== undefined && (
        <section class="notice bad" role="alert">
          <h3>Its Fluent Bit at {fluentBit.address} can not be reached</h3>
          <p class="words">{fluentBit.problem}</p>
          <p>
            Nothing is lost: records stay with who sends them, and are sent again. Start the Fluent Bit that
            delivers, or mend <code>forward</code> in destinations.yaml.
          </p>
        </section>
      )}
      {paused && (
        <section class="notice warn">
          <h3>
            Paused by {paused.by}, <Ago time={paused.since} />
          </h3>
          <p>What comes in is mapped as always and waits in the files of Fluent Bit until someone resumes.</p>
        </section>
      )}
      {failure && (
        <section class="notice bad" role="alert">
          <h3>
            Failing for <Since time={failure.since} />, {failure.attempts}{' '}
            {failure.attempts === 1 ? 'attempt' : 'attempts'}; next <In time={failure.nextAttempt} />
          </h3>
          <p class="words">{failure.reason}</p>
          {failure.advice && <p>{failure.advice}</p>}
        </section>
      )}
      {lastError && !failure && (
        <p class="hint last-error">
          {state === 'paused' ? 'Before that: ' : 'It failed '}
          <Ago time={lastError.time} />: <span class="words">{lastError.reason}</span>
        </p>
      )}
    </>
  );
}
