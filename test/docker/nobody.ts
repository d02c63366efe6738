/**
 * A command as another user where this is root, so that it can't write what it is not given.
 *
 * @returns command and arguments to start
 */
export function asNobody(command: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]];
  return ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', command, ...args]];
}
