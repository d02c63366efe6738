/** The epoch milliseconds at which the service took a batch's first record; undefined for what is no batch's tag. */
export function batchTime(tag: string): number | undefined {
  const [, digits] = /\.(\d{1,16})-[0-9a-f]+-\d+$/.exec(tag) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
