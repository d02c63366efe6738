/**
 * Reads one CSV line as RFC 4180 has it, every field in quotes.
 *
 * @throws Error for anything else
 */
export function parseCsv(line: string): string[] {
  if (/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(line)) throw new Error('a control character or line break');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const [whole, text] = /^"((?:[^"]|"")*)"/.exec(line.slice(at)) ?? [];
    if (whole === undefined) throw new Error(`no quoted field at ${at}: ${line}`);
    fields.push(text!.replaceAll('""', '"'));
    at += whole.length;
    if (at === line.length) return fields;
    if (line[at++] !== ',') throw new Error(`no comma at ${at - 1}: ${line}`);
  }
}
