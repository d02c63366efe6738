import { clock, duration } from '../format.ts';
import { now } from '../live.ts';

/** `3 min ago`; the moment itself on hover. */
export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={clock(time)}>
      {duration(now.value - Date.parse(time))} ago
    </time>
  );
}

/** `3 min`: how long it is since. */
export function Since({ time }: { time: string }) {
  return (
    <time dateTime={time} title={`since ${clock(time)}`}>
      {duration(now.value - Date.parse(time))}
    </time>
  );
}

/** `in 40 s`, or that it is due. */
export function In({ time }: { time: string }) {
  const left = Date.parse(time) - now.value;
  return (
    <time dateTime={time} title={clock(time)}>
      {left > 0 ? `in ${duration(left)}` : 'with the next batch'}
    </time>
  );
}
