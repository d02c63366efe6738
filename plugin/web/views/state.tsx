import type { ConfigurationState, DestinationState } from '../../http/api/types.ts';
import { clock } from '../format.ts';
import { connection, history, state } from '../live.ts';
import { DestinationCard } from '../parts/destination-card.tsx';

/** How it stands with every destination, now and in the last hour. */
export function StateView() {
  const all = state.value;
  if (!all) return <p class="hint">{connection.value === 'lost' ? lost : 'Asking the service …'}</p>;
  const { destinations, configuration } = all;
  return (
    <div class="stack">
      <div class="spread">
        <h1>{summary(destinations)}</h1>
        <p class={`live ${connection.value}`} role="status">
          {connection.value === 'live' ? 'Live' : lost}
        </p>
      </div>
      {configuration?.error && <Refused {...configuration.error} loadedAt={configuration.loadedAt} />}
      <div class="cards">
        {destinations.map((one) => (
          <DestinationCard
            key={one.name}
            one={one}
            history={history.value}
            hasDeadLetters={all.hasDeadLetters}
          />
        ))}
      </div>
      <p class="hint">
        fluent-bit-siem {all.version}, started {clock(all.startedAt)}. Numbers count from then.
        {configuration && (
          <>
            {' '}
            Configuration of {clock(configuration.loadedAt)}, digest{' '}
            <code title={configuration.digest}>{configuration.digest.slice(0, 12)}</code>.
          </>
        )}
      </p>
    </div>
  );
}

const lost = 'The service does not answer; trying again. What you see may be old.';

/** The one thing to know, in a sentence. */
function summary(destinations: readonly DestinationState[]): string {
  const named = (state: DestinationState['state']): string[] =>
    destinations.filter((one) => one.state === state).map(({ name }) => name);
  const failing = named('failing');
  const cutOff = destinations.filter(({ fluentBit }) => fluentBit.problem !== undefined);
  const paused = named('paused');
  if (failing.length > 0)
    return `${list(failing)} ${failing.length === 1 ? 'does' : 'do'} not take what is sent`;
  if (cutOff.length > 0) return `No Fluent Bit for ${list(cutOff.map(({ name }) => name))}`;
  if (paused.length > 0) return `${list(paused)} ${paused.length === 1 ? 'is' : 'are'} paused`;
  return destinations.length === 1 ? 'All is well' : `All is well: ${destinations.length} destinations`;
}

function list(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}

interface RefusedProps extends NonNullable<ConfigurationState['error']> {
  readonly loadedAt: string;
}

/** The files have changed, and are not in use. */
function Refused({ since, findings, loadedAt }: RefusedProps) {
  return (
    <section class="notice bad">
      <h2>The changed configuration has errors</h2>
      <p>
        Since {clock(since)}. The one of {clock(loadedAt)} stays in use until they are mended.
      </p>
      <pre class="text">{findings.join('\n\n')}</pre>
    </section>
  );
}
