import { tryParseJson } from '../mapping/json.ts';
import type { Answer } from './sender.ts';

/** What an answer says of the records of its request. */
export type Verdict =
  /** All are taken. */
  | { readonly kind: 'taken' }
  /** The first ones are taken, one is refused, the others were not looked at. */
  | { readonly kind: 'taken-until'; readonly refused: number; readonly reason: string }
  /** Each record's own fate, in order. */
  | { readonly kind: 'each'; readonly fates: readonly Fate[] }
  /** Some record, or their number or size, is at fault: fewer at a time will show which. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing is wrong with the records: the SIEM, the way to it, or the configuration is at fault. */
  | { readonly kind: 'failing'; readonly reason: string; readonly retryAfter: number | undefined };

/** undefined for a record that is to be tried again. */
export type Fate = 'taken' | { readonly reason: string } | undefined;

const longestReason = 500;

/**
 * Judges an answer. What a repeat could cure is never `refused`: a rotated token, a moved path or a redirect
 * hold everything until someone mends them.
 *
 * @param count how many records the request held
 */
export function judge(answer: Answer, format: string, body: string, count: number): Verdict {
  const { status, text, retryAfter } = answer;
  const reason = `${status} ${words(text)}`.trim();
  if (status >= 200 && status < 300) {
    return body === 'bulk' ? judgeBulk(text, count, reason) : { kind: 'taken' };
  }
  if (status === 413) return { kind: 'refused', reason };
  if (status === 400 || status === 422) {
    return format === 'splunk-hec' ? judgeHec(answer, count, reason) : { kind: 'refused', reason };
  }
  return { kind: 'failing', reason, retryAfter };
}

// "incorrect index", the two of the channel, and "acknowledgement is disabled": the configuration's, not the record's.
const hecConfiguration = new Set([7, 10, 11, 14]);

/**
 * Splunk names the object that is bad (from 0), and has taken those before it.
 * https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
 */
function judgeHec({ text, retryAfter }: Answer, count: number, reason: string): Verdict {
  const { code, 'invalid-event-number': refused } = (tryParseJson(text) ?? {}) as {
    code?: unknown;
    'invalid-event-number'?: unknown;
  };
  if (hecConfiguration.has(code as number)) return { kind: 'failing', reason, retryAfter };
  const isIndex = Number.isInteger(refused) && (refused as number) >= 0 && (refused as number) < count;
  return isIndex ? { kind: 'taken-until', refused: refused as number, reason } : { kind: 'refused', reason };
}

/** Elasticsearch's and OpenSearch's bulk answer has a status for each document; 409 is one it has already. */
function judgeBulk(text: string, count: number, reason: string): Verdict {
  const answer = tryParseJson(text) as { errors?: boolean; items?: Record<string, unknown>[] } | undefined;
  if (answer?.errors === false) return { kind: 'taken' };
  const items = answer?.items;
  if (!Array.isArray(items) || items.length !== count) {
    return { kind: 'failing', reason: `no bulk answer: ${reason}`, retryAfter: undefined };
  }
  const fates = items.map((item): Fate => {
    const [one] = Object.values(item ?? {}) as { status?: number; error?: unknown }[];
    const status = one?.status ?? 500;
    if ((status >= 200 && status < 300) || status === 409) return 'taken';
    if (status === 429 || status >= 500) return undefined;
    return { reason: `${status} ${words(JSON.stringify(one?.error ?? ''))}` };
  });
  return { kind: 'each', fates };
}

/** The SIEM's own words, on one line. */
function words(text: string): string {
  return text
    .slice(0, longestReason * 2)
    .replace(/[\s\0-\x1f\x7f-\x9f]+/g, ' ')
    .trim()
    .slice(0, longestReason)
    .toWellFormed();
}
