/**
 * Fluent Bit's `header_tag FLUENT-TAG`; a sender that can't set headers puts `?tag=` in the URL. Node reads
 * headers as Latin-1, and Fluent Bit writes the tag's UTF-8 bytes.
 */
export function tagOf(header: string | string[] | undefined, query: string | undefined): string {
  const [fromHeader] = [header].flat();
  return fromHeader === undefined
    ? ([query].flat()[0] ?? '')
    : Buffer.from(fromHeader, 'latin1').toString('utf8');
}
