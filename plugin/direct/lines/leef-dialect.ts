import { attributeValue, compileLeefHeader, isPlainTime, leefKind, leefName } from '../../format/leef.ts';
import { joinLine } from '../../format/line.ts';
import type { DestinationSettings } from '../../mapping/settings.ts';
import { careFor } from './care.ts';
import type { Dialect } from './dialect.ts';

/** These the renderer sets when the mapping does not. */
const own = new Set(['', 'devTime', 'devTimeFormat', 'cat', 'sev']);

/** LEEF for the direct path; the rules are those of format/leef.ts. */
export function leefDialect(settings: DestinationSettings): Dialect {
  const { delimiter, keys } = settings.leef;
  const header = compileLeefHeader(settings);
  return {
    head: (eventClass, eventName, severity, problems) => [
      `${joinLine(header({ eventName, eventClass }, problems))}devTime=`,
      leefKind({ eventClass, severity }, delimiter, problems)
        .map(([name, text]) => `${delimiter}${name}=${text}`)
        .join(''),
    ],
    separator: delimiter,
    care: careFor('', '', delimiter),
    externalId: 'externalId',
    nameOf: (key) => (own.has(leefName(key, keys)) ? undefined : leefName(key, keys)),
    plain: () => ({ kind: 'text', longest: Number.POSITIVE_INFINITY }),
    render: (_name, text) => attributeValue(text, delimiter),
    // As isPlainTime has it.
    earliest: 1e12,
    latest: 1e13 - 1,
    takesTime: isPlainTime,
  };
}
