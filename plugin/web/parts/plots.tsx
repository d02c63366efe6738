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
        unit="records"
        {...time}
        series={[{ label: 'now', colour: '--plot-1', values: columns.waiting }]}
      />
      <Plot
        title="Answer time of the SIEM"
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
  let sum = 0;
  return values.map((value, index) => {
    sum += (value ?? 0) - (values[index - points] ?? 0);
    return value === null ? null : sum;
  });
}

/** The sum of the last minute of a column that counts. */
export function lastMinute(values: readonly (number | null)[] = [], step = 5000): number {
  return byMinute(values, step).at(-1) ?? 0;
}
