/** More things than that are not told apart for long: they may be as many as there are addresses. */
const mostThings = 1000;

/** Tells whether something is worth a line in the log: the same thing once in so many milliseconds. */
export function oncePer(interval: number): (what: string) => boolean {
  const last = new Map<string, number>();
  return (what) => {
    const now = performance.now();
    if (now - (last.get(what) ?? Number.NEGATIVE_INFINITY) < interval) return false;
    last.delete(what);
    last.set(what, now);
    if (last.size > mostThings) last.delete(last.keys().next().value!);
    return true;
  };
}
