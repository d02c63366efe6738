/** Repeated measurements of one figure. */
export interface Sample {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError when there is no value */
export function summarise(values: readonly number[]): Sample {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new RangeError('no values');
  return { median: quantile(sorted, 0.5), low: sorted[0]!, high: sorted.at(-1)! };
}

/**
 * The value below which a share of all lies, interpolated.
 *
 * @param sorted ascending, not empty
 * @param share 0 to 1
 */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

/** How far from lowest to highest, as a share of the median. */
export function spread({ median, low, high }: Sample): number {
  return (high - low) / median;
}

/** How a figure changed, and whether the two runs lie apart or their ranges overlap. */
export interface Change {
  /** 0.1: a tenth more than before. */
  readonly share: number;
  readonly isBeyondSpread: boolean;
}

export function changeOf(before: Sample, now: Sample): Change {
  return {
    share: now.median / before.median - 1,
    isBeyondSpread: now.low > before.high || now.high < before.low,
  };
}
