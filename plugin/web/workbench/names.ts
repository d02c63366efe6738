/** The last parts of a path: enough to tell `filecloud/audit.yaml` from `filecloud/extended/audit.yaml`. */
export function shortName(file: string): string {
  const parts = file.split('/');
  const from = parts.indexOf('mappings') + 1;
  return parts.slice(from > 0 && from < parts.length ? from : -2).join('/');
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
