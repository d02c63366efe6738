/**
 * Compiles a Fluent Bit tag pattern, as in `Match`: `*` stands for any number of characters, everything
 * else for itself. A record that came without a tag fits every pattern: nothing is known against it.
 */
export function compileTagPattern(pattern: string): (tag: string) => boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return (tag) => tag === '' || tag === first;
  return (tag) => tag === '' || fits(tag, first, middle, last);
}

/** Part by part, each at the first place it has: a regular expression of several `*` would try all of them for a long tag. */
function fits(tag: string, first: string, middle: readonly string[], last: string): boolean {
  const end = tag.length - last.length;
  if (end < first.length || !tag.startsWith(first) || !tag.endsWith(last)) return false;
  let at = first.length;
  for (const part of middle) {
    const found = tag.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
