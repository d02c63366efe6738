/**
 * A path without the separators, / or backslash, at its end. By hand: a regular expression begins anew at each
 * separator of the path, and a record may hold a million of them.
 */
export function withoutSeparatorsAtEnd(path: string): string {
  let end = path.length;
  while (end > 0 && (path[end - 1] === '/' || path[end - 1] === '\\')) end--;
  return path.slice(0, end);
}
