/** A LEEF line, read as strictly as its grammar is written (IBM DSM guide, "LEEF event components"). */
export interface ParsedLeef {
  readonly version: string;
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  readonly attributes: readonly (readonly [key: string, value: string])[];
}

/** @throws Error when the line is not LEEF */
export function parseLeef(line: string): ParsedLeef {
  const [version, vendor, product, productVersion, eventId, ...rest] = line.split('|');
  if (version !== 'LEEF:1.0' && version !== 'LEEF:2.0') throw new Error(`no LEEF: ${line}`);
  let delimiter = '\t';
  if (version === 'LEEF:2.0') {
    const field = rest.shift();
    if (field === undefined) throw new Error('no delimiter field');
    const [, digits] = /^0?x([0-9a-f]{1,4})$/i.exec(field) ?? [];
    if (digits !== undefined) delimiter = String.fromCharCode(Number.parseInt(digits, 16));
    else if (field.length === 1) delimiter = field;
    else if (field !== '') throw new Error(`no delimiter: ${field}`);
  }
  const attributes = rest
    .join('|')
    .split(delimiter)
    .map((pair) => {
      const at = pair.indexOf('=');
      if (!/^[A-Za-z0-9]+$/.test(pair.slice(0, at))) throw new Error(`no attribute: ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    });
  const keys = attributes.map(([key]) => key);
  if (new Set(keys).size !== keys.length) throw new Error('a key appears twice');
  return {
    version,
    vendor: vendor!,
    product: product!,
    productVersion: productVersion!,
    eventId: eventId!,
    attributes,
  };
}
