import { useEffect, useRef, useState } from 'preact/hooks';
import type { DeadLetterState, DeadLetters, ReplayResult } from '../../http/api/types.ts';
import { get, post } from '../client.ts';
import { clock } from '../format.ts';

interface DialogProps {
  readonly destination: string;
  readonly hasDeadLetters: boolean;
  readonly onClose: () => void;
}

/** The newest dead letters of a destination, and the way back for them. */
export function DeadLetterDialog({ destination, hasDeadLetters, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dead-letters">
      <div class="spread">
        <h2 id="dead-letters">Dead letters of {destination}</h2>
        <button type="button" onClick={() => dialog.current!.close()}>
          Close
        </button>
      </div>
      {hasDeadLetters ? <Letters destination={destination} /> : <HowToSwitchOn />}
    </dialog>
  );
}

function HowToSwitchOn() {
  return (
    <div class="stack">
      <p>
        Fluent Bit writes them to a file, by <code>outputs/dead-letter.conf</code>. Say in destinations.yaml
        where that is, and start the service again:
      </p>
      <pre class="text">{`service:
  dead_letters: /var/lib/fluent-bit-siem/dead-letters/dead-letters.ndjson`}</pre>
      <p class="hint">The service must be allowed to read it.</p>
    </div>
  );
}

function Letters({ destination }: { destination: string }) {
  const [answer, setAnswer] = useState<DeadLetters>();
  const [problem, setProblem] = useState('');
  const [said, setSaid] = useState('');
  const [isBusy, setBusy] = useState(true);
  const run = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await action();
      setAnswer(await get<DeadLetters>(`api/dead-letters?destination=${encodeURIComponent(destination)}`));
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => void run(async () => {}), []);
  const replay = (letters: readonly DeadLetterState[]): Promise<void> =>
    run(async () => {
      const ids = letters.map(({ id }) => id);
      const { sent } = await post<ReplayResult>('api/dead-letters/replay', { destination, ids });
      setSaid(sent === 1 ? '1 letter is on its way again.' : `${sent} letters are on their way again.`);
    });
  const open =
    answer?.letters.filter((one) => one.obstacle === undefined && one.replayedAt === undefined) ?? [];
  return (
    <div class="stack">
      <div class="spread">
        <p class="hint">
          {answer && (
            <>
              {answer.letters.length === 0 ? 'There are none' : 'The newest first'}, from{' '}
              <code class="words">{answer.file}</code>.{!answer.isAll && ' There are older ones.'}
            </>
          )}
        </p>
        {open.length > 0 && (
          <button type="button" class="main" disabled={isBusy} onClick={() => replay(open)}>
            Replay {open.length === 1 ? 'this one' : `these ${open.length}`}
          </button>
        )}
      </div>
      <p role="status">{said}</p>
      <p role="alert" class="problem">
        {problem}
      </p>
      <ol class="letters">
        {answer?.letters.map((one) => (
          <li key={one.id}>
            <div class="spread">
              <p>
                <time dateTime={one.time}>{one.time && clock(one.time)}</time>{' '}
                <span class="hint">
                  {one.isEvent ? 'event' : 'record'} with tag <code class="words">{one.tag || '(none)'}</code>
                </span>
              </p>
              {one.replayedAt !== undefined ? (
                <span class="hint">replayed {clock(one.replayedAt)}</span>
              ) : one.obstacle !== undefined ? (
                <span class="hint">can not be replayed: {one.obstacle}</span>
              ) : (
                <button type="button" disabled={isBusy} onClick={() => replay([one])}>
                  Replay
                </button>
              )}
            </div>
            <p class="words reason">{one.reason}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must by keyboard */}
            <pre class="text" tabIndex={0}>
              {one.content}
              {one.isCut && ' …'}
            </pre>
          </li>
        ))}
      </ol>
    </div>
  );
}
