/** Tells whether something is worth a line in the log: the same thing once in so many milliseconds. */
export function oncePer(interval: number): (what: string) => boolean {
  const last = new Map<string, number>();
  return (what) => {
    const now = Date.now();
    if (now - (last.get(what) ?? Number.NEGATIVE_INFINITY) < interval) return false;
    last.set(what, now);
    return true;
  };
}
