/** A CEF line taken apart, everything unescaped. */
export interface ParsedCef {
  version: string;
  vendor: string;
  product: string;
  deviceVersion: string;
  eventClass: string;
  eventName: string;
  severity: string;
  extension: [key: string, value: string][];
}

/**
 * Reads a CEF line by the letter of the ArcSight standard, ch. 1: seven header fields, only the escapes it
 * knows, alphanumeric keys, each at most once.
 *
 * @throws Error for whatever the standard does not allow, so that a lax reader hides nothing
 */
export function parseCef(line: string): ParsedCef {
  if (/[\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/.test(line))
    throw new Error('a control character or line break');
  if (!line.isWellFormed()) throw new Error('a lone surrogate');
  const { fields, rest } = splitHeader(line);
  const [version, vendor, product, deviceVersion, eventClass, eventName, severity] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!/^CEF:[01]$/.test(version)) throw new Error(`no CEF version: ${version}`);
  if (!/^(?:\d|10|Unknown|Low|Medium|High|Very-High)$/.test(severity))
    throw new Error(`no severity: ${severity}`);
  return {
    version,
    vendor,
    product,
    deviceVersion,
    eventClass,
    eventName,
    severity,
    extension: parseExtension(rest),
  };
}

/** The seven fields before the seventh unescaped `|`, and what comes after it. */
function splitHeader(line: string): { fields: string[]; rest: string } {
  const fields: string[] = [];
  let field = '';
  for (let at = 0; at < line.length; at++) {
    const next = line[at]!;
    if (next === '\\') {
      const escaped = line[++at];
      if (escaped !== '\\' && escaped !== '|') throw new Error(`no escape of a header: \\${escaped}`);
      field += escaped;
    } else if (next !== '|') field += next;
    else {
      if (field === '') throw new Error(`header field ${fields.length} is empty`);
      if (/\t/.test(field)) throw new Error('a tab in the header');
      fields.push(field);
      field = '';
      if (fields.length === 7) return { fields, rest: line.slice(at + 1) };
    }
  }
  throw new Error(`only ${fields.length} header fields`);
}

/** `key=value key=value`: every `=` that is not escaped stands between a key and its value. */
function parseExtension(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  if (text === '') return pairs;
  const parts = splitAtEquals(text);
  let key = parts[0]!;
  for (const part of parts.slice(1, -1)) {
    const space = part.lastIndexOf(' ');
    if (space < 0) throw new Error(`no key in: ${part}`);
    pairs.push([key, unescapeValue(part.slice(0, space))]);
    key = part.slice(space + 1);
  }
  pairs.push([key, unescapeValue(parts.at(-1)!)]);
  const keys = pairs.map(([name]) => name);
  const wrong = keys.find((name) => !/^[A-Za-z0-9]+$/.test(name));
  if (wrong !== undefined) throw new Error(`no key: ${wrong}`);
  if (new Set(keys).size < keys.length) throw new Error(`a key appears twice: ${keys.join(' ')}`);
  return pairs;
}

function splitAtEquals(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '=') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (parts.length === 0) throw new Error('an extension without =');
  return [...parts, text.slice(start)];
}

const valueEscapes: Readonly<Record<string, string>> = { '\\': '\\', '=': '=', n: '\n', r: '\r' };

function unescapeValue(text: string): string {
  if (text === '') throw new Error('an empty value');
  return text.replace(/\\(.?)/gs, (_, escaped: string) => {
    const character = valueEscapes[escaped];
    if (character === undefined) throw new Error(`no escape of a value: \\${escaped}`);
    return character;
  });
}
