/** Empty: missing, null, '', [] and {}. `0`, '0' and false are values. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Date) return false;
  if (value instanceof Uint8Array) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
