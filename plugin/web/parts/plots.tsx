import type { Columns, History } from '../../http/api/types.ts';
import { shortTime } from '../format.ts';
import { Plot } from './plot.tsx';

interface PlotsProps {
  readonly history: History;
  readonly columns: Columns;
  readonly isDirect: boolean;
}

/** The last hour of a destination. */
export function Plots({ history: { end, step }, columns, isDirect }: PlotsProps) {
  const time = { end, step };
  const records = {
    label: 'in',
    colour: '--plot-1',
    values: byMinute(columns.records, step),
  } as const;
  const delivered = {
    label: 'delivered',
    colour: '--plot-2',
    values: byMinute(columns.delivered, step),
  } as const;
  if (isDirect)
    return (
      <div class="plots">
        <Plot title="Records" unit="a minute" {...time} series={[records]} />
      </div>
    );
  return (
    <div class="plots">
      <Plot title="Records" unit="a minute" {...time} series={[records, delivered]} />
      <Plot
        title="Waiting"
        unit="most in a minute"
        {...time}
        series={[{ label: 'records', colour: '--plot-1', values: mostByMinute(columns.waiting, step) }]}
      />
      <Plot
        title="Answer time"
        unit="mean"
        {...time}
        format={shortTime}
        series={[{ label: 'last', colour: '--plot-1', values: columns.latency }]}
      />
    </div>
  );
}

/** Of the minute before each point: deliveries come once a minute, and would be needles. */
function byMinute(values: readonly (number | null)[], step: number): (number | null)[] {
  const points = Math.round(60_000 / step);
  const isFull = values.length * step >= 3_600_000;
  let sum = 0;
  return values.map((value, index) => {
    sum += (value ?? 0) - (values[index - points] ?? 0);
    // Of the first minute of a whole hour the beginning is not known.
    return value === null || (isFull && index < points - 1) ? null : sum;
  });
}

/** The largest of the minute before each point: what waits goes all at once, every minute. */
function mostByMinute(values: readonly (number | null)[], step: number): (number | null)[] {
  const points = Math.round(60_000 / step);
  return values.map((value, index) =>
    value === null ? null : Math.max(...values.slice(Math.max(0, index - points + 1), index + 1).map(Number)),
  );
}

/** The sum of the last minute of a column that counts. */
export function lastMinute(values: readonly (number | null)[] = [], step = 5000): number {
  return byMinute(values, step).at(-1) ?? 0;
}
