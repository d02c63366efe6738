/**
 * Text without what could end a line or a field that has no escape for it: CRLF, every control character
 * (a tab too), NEL and the Unicode line separators become a space each; lone surrogates are replaced.
 */
export function withoutControls(text: string): string {
  return text.toWellFormed().replace(/\r\n|[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
}
