/**
 * Compiles a Fluent Bit tag pattern, as in `Match`: `*` stands for any number of characters, everything
 * else for itself. A record that came without a tag fits every pattern: nothing is known against it.
 */
export function compileTagPattern(pattern: string): (tag: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`, 's');
  return (tag) => tag === '' || expression.test(tag);
}
