import { useState } from 'preact/hooks';
import type { DestinationState } from '../../http/api/types.ts';
import { post } from '../client.ts';
import { DeadLetterDialog } from './dead-letters.tsx';

/** What `POST /destinations/<name>/test` answers. */
interface TestResult {
  readonly id: string;
  readonly taken: boolean;
  readonly status?: number;
  readonly answer: string;
}

interface ActionsProps {
  readonly one: DestinationState;
  readonly hasDeadLetters: boolean;
}

/** What can be done about a destination, and what came of it. */
export function Actions({ one: { name, state }, hasDeadLetters }: ActionsProps) {
  const [isReading, setReading] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [result, setResult] = useState<TestResult>();
  const run = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await action();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const path = `destinations/${encodeURIComponent(name)}`;
  const turn = (how: string) => () => run(() => post(`${path}/${how}?by=${encodeURIComponent('web page')}`));
  const test = () =>
    run(async () => {
      setResult(undefined);
      setResult(await post<TestResult>(`${path}/test`));
    });
  return (
    <div class="actions">
      <div class="row">
        {state === 'paused' && (
          <button type="button" class="main" disabled={isBusy} onClick={turn('resume')}>
            Resume<span class="hidden"> {name}</span>
          </button>
        )}
        {(state === 'delivering' || state === 'failing') && (
          <button type="button" disabled={isBusy} onClick={turn('pause')}>
            Pause<span class="hidden"> {name}</span>
          </button>
        )}
        {state !== 'direct' && (
          <button type="button" disabled={isBusy} onClick={test}>
            Send test event<span class="hidden"> to {name}</span>
          </button>
        )}
        <button type="button" onClick={() => setReading(true)}>
          Dead letters<span class="hidden"> of {name}</span>
        </button>
      </div>
      {isReading && (
        <DeadLetterDialog
          destination={name}
          hasDeadLetters={hasDeadLetters}
          onClose={() => setReading(false)}
        />
      )}
      <div role="status" class="said">
        {result && <TestAnswer result={result} onClose={() => setResult(undefined)} />}
      </div>
      <p role="alert" class="problem">
        {problem}
      </p>
    </div>
  );
}

function TestAnswer({ result, onClose }: { result: TestResult; onClose: () => void }) {
  const { taken, status, answer, id } = result;
  return (
    <div class={`notice ${taken ? 'good' : 'bad'}`}>
      <div class="spread">
        <h3>
          {taken ? 'The SIEM took the test event' : 'The SIEM did not take the test event'}
          {status !== undefined && `: ${status}`}
        </h3>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <p class="words">{answer || 'It said nothing else.'}</p>
      <p class="hint">
        Look for it there by its id <code>{id}</code>
      </p>
    </div>
  );
}
