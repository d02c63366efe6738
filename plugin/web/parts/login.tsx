import { useEffect, useState } from 'preact/hooks';
import type { SessionState } from '../../http/api/types.ts';
import { get, post, RequestError } from '../client.ts';
import { session } from '../session.ts';

/** Asks for what `service.auth.admin` holds. */
export function Login() {
  const [by, setBy] = useState<SessionState['by']>();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    get<SessionState>('api/session').then(
      (state) => setBy(state.by),
      (error: RequestError) => setProblem(error.message),
    );
  }, []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem('');
    try {
      const typed = Object.fromEntries([...form].filter(([, value]) => value !== ''));
      await post('api/session', typed);
      await session.refresh();
    } catch (error) {
      const isWrong = error instanceof RequestError && error.status === 401;
      setProblem(isWrong ? 'That is not right. Please try again.' : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="login card" onSubmit={submit}>
      <h1>Log in</h1>
      <p class="hint">
        With what <code>service.auth.admin</code> in destinations.yaml holds.
      </p>
      {by?.token && (
        <label>
          Token
          <input type="password" name="token" autocomplete="current-password" required={!by.password} />
        </label>
      )}
      {by?.token && by.password && <p class="or">or</p>}
      {by?.password && (
        <>
          <label>
            User name
            <input name="username" autocomplete="username" autocapitalize="none" required={!by.token} />
          </label>
          <label>
            Password
            <input type="password" name="password" autocomplete="current-password" required={!by.token} />
          </label>
        </>
      )}
      <p role="alert" class="problem">
        {problem}
      </p>
      <button type="submit" class="main" disabled={isBusy || !by}>
        Log in
      </button>
    </form>
  );
}
