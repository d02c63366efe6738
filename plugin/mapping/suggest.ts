/**
 * The nearest of the known words, when it is near enough to be a slip of the pen: at most two edits and
 * at most a third of the word. A bad guess is worse than none.
 *
 * @returns the known word, or undefined
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(2, Math.floor(word.length / 3));
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    // Each character more or less is an edit: most words are too far away at a glance.
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint in words: `did you mean 'x'?`, or the whole list when nothing is near. */
export function suggestion(word: string, known: Iterable<string>): string {
  const list = [...known];
  const near = nearest(word, list);
  return near === undefined ? `allowed here: ${list.join(', ')}` : `did you mean '${near}'?`;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours count one each.
 *
 * @returns the distance, or anything from `enough` on when it is that far
 */
function editDistance(a: string, b: string, enough: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    // No later row is nearer than the nearest of two in a row: a swap reaches back over one.
    if (Math.min(...row) >= enough && Math.min(...last) >= enough) return enough;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
