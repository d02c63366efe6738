import { cefKey, compileCefHeader, escapeValue, fittedCef } from '../../format/cef.ts';
import { joinLine } from '../../format/line.ts';
import { cefDictionary } from '../../mapping/cef-dictionary.ts';
import type { DestinationSettings } from '../../mapping/settings.ts';
import { careFor } from './care.ts';
import type { Dialect, Plain } from './dialect.ts';

/** These the renderer sets when the mapping does not. */
const own = new Set(['', 'rt']);

/** CEF for the direct path; the rules are those of format/cef.ts. */
export function cefDialect(settings: DestinationSettings): Dialect {
  const header = compileCefHeader(settings);
  const moves = settings.cef.mistyped === 'move';
  return {
    head: (eventClass, eventName, severity, problems) => [
      `${joinLine(header(eventClass, eventName, severity, problems))}rt=`,
      '',
    ],
    separator: ' ',
    care: careFor('\\=', '\t'),
    externalId: 'externalId',
    nameOf: (key) => (own.has(cefKey(key)) ? undefined : cefKey(key)),
    plain: (name) => plainFor(name),
    render: (name, text, problems) => {
      const [fitted, value] = fittedCef(name, text, problems, moves && name !== 'externalId');
      // Under another name it may meet one that is there already.
      return fitted === name ? escapeValue(value) : undefined;
    },
    earliest: 0,
    latest: Number.MAX_SAFE_INTEGER,
    takesTime: () => true,
  };
}

function plainFor(name: string): Plain {
  const known = cefDictionary.get(name);
  switch (known?.type ?? 'string') {
    case 'string':
      // A text of so many bytes has no more characters.
      return { kind: 'text', longest: known?.maxLength ?? Number.POSITIVE_INFINITY };
    case 'integer':
      return { kind: 'digits' };
    case 'address':
      return { kind: 'ipv4' };
    default:
      return { kind: 'none' };
  }
}
