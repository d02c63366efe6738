import { effect, signal } from '@preact/signals';
import type { Columns, History, State, StateAnswer } from '../http/api/types.ts';
import { needsLogin } from './client.ts';
import { session } from './session.ts';

/** How it stands, as the service last said. */
export const state = signal<State>();
export const history = signal<History>();

/** Whether the service tells what changes. */
export const connection = signal<'starting' | 'live' | 'lost'>('starting');

/** Epoch milliseconds, every second. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

/** Milliseconds before it is asked again, where the browser does not do so by itself. */
const again = 2000;
/** An hour. */
const mostPoints = 720;

effect(() => {
  if (needsLogin.value) return;
  let source: EventSource;
  let timer = 0;
  const connect = (): void => {
    source = new EventSource('api/state/stream');
    const on = (event: string, take: (data: string) => void): void =>
      source.addEventListener(event, ({ data }) => {
        connection.value = 'live';
        take(data);
      });
    on('all', (data) => {
      const all = JSON.parse(data) as StateAnswer;
      state.value = all.state;
      history.value = all.history;
    });
    on('state', (data) => {
      state.value = JSON.parse(data) as State;
    });
    on('points', (data) => {
      const points = JSON.parse(data) as History;
      history.value = history.value ? extended(history.value, points) : points;
    });
    source.onerror = () => {
      connection.value = 'lost';
      if (source.readyState !== EventSource.CLOSED) return;
      // It was answered, but not with a stream: perhaps the session is over.
      session.refresh().catch(() => {});
      timer = window.setTimeout(connect, again);
    };
  };
  connect();
  return () => {
    source.close();
    clearTimeout(timer);
  };
});

function extended(before: History, { step, end, destinations }: History): History {
  const joined = Object.entries(destinations).map(([name, columns]): [string, Columns] => {
    const old = before.destinations[name];
    if (!old) return [name, columns];
    const join = (key: keyof Columns) => [...old[key], ...columns[key]].slice(-mostPoints);
    return [
      name,
      {
        records: join('records'),
        delivered: join('delivered'),
        waiting: join('waiting'),
        latency: join('latency'),
      },
    ];
  });
  return { step, end, destinations: Object.fromEntries(joined) };
}
