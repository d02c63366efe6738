import type { Distribution } from '../delivery/histogram.ts';

export type Labels = Readonly<Record<string, string | number>>;

/** All that is measured of one kind, in the terms that OpenTelemetry and Prometheus share. */
export type Family = {
  /** In OpenTelemetry's way: words with dots between; Prometheus' name is made of it and the unit. */
  readonly name: string;
  readonly help: string;
  /** UCUM: `s`, `By`, or what is counted in braces; '' for what has none. */
  readonly unit: string;
} & (
  | { readonly type: 'counter' | 'gauge'; readonly points: readonly Point<number>[] }
  | { readonly type: 'histogram'; readonly points: readonly Point<Distribution>[] }
);

export interface Point<T> {
  readonly labels: Labels;
  readonly value: T;
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
