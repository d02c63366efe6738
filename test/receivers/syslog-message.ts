/** A syslog message taken apart. */
export interface SyslogMessage {
  readonly format: 'rfc5424' | 'rfc3164';
  readonly facility: number;
  readonly severity: number;
  /** As it stands in the header; undefined for `-`. */
  readonly timestamp: string | undefined;
  /** Epoch milliseconds; RFC 3164 has neither year nor zone, and so none. */
  readonly time: number | undefined;
  /** undefined for `-`, and where a CEF or LEEF line of RFC 3164 follows the time at once. */
  readonly host: string | undefined;
  /** APP-NAME, or the TAG before `:` or `[`. A CEF or LEEF line of RFC 3164 has none. */
  readonly app: string | undefined;
  readonly procId: string | undefined;
  readonly msgId: string | undefined;
  /** Parameters by element and name. */
  readonly structuredData: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whether a byte-order mark stands before the text: a parser that looks for `CEF:` there may miss it. */
  readonly hasBom: boolean;
  /** What follows the header, without the byte-order mark. */
  readonly rest: string;
}

/**
 * Reads a syslog message by the letter of RFC 5424, section 6, or RFC 3164, section 4.1.
 *
 * @throws Error for whatever they do not allow, so that a lax reader hides nothing
 */
export function parseSyslog(text: string): SyslogMessage {
  const reader = new Reader(text);
  const [, digits] = reader.take(/<(0|[1-9]\d{0,2})>/y, 'priority');
  const priority = Number(digits);
  if (priority > 191) throw new Error(`no priority: ${priority}`);
  const numbers = { facility: Math.floor(priority / 8), severity: priority % 8 };
  const message = { ...numbers, ...(/\d/.test(reader.next) ? readRfc5424(reader) : readRfc3164(reader)) };
  // Allowed, and never meant: Fluent Bit before 2.2 puts its own header before a line that has one.
  if (/^<\d{1,3}>/.test(message.rest)) throw new Error(`a second header: ${message.rest.slice(0, 80)}`);
  return message;
}

type Numbers = 'facility' | 'severity';

function readRfc5424(reader: Reader): Omit<SyslogMessage, Numbers> {
  reader.take(/1 /y, 'version 1');
  const [, timestamp] = reader.take(/(\S+) /y, 'timestamp');
  const word = (name: string, longest: number): string | undefined => {
    const [, found] = reader.take(/([!-~]+) /y, name);
    if (found!.length > longest) throw new Error(`${name} longer than ${longest}: ${found}`);
    return found === '-' ? undefined : found;
  };
  return {
    format: 'rfc5424',
    timestamp: timestamp === '-' ? undefined : timestamp,
    time: timestamp === '-' ? undefined : readTimestamp(timestamp!),
    host: word('hostname', 255),
    app: word('app name', 48),
    procId: word('process id', 128),
    msgId: word('message id', 32),
    structuredData: readStructuredData(reader),
    ...readText(reader),
  };
}

/** RFC 5424, section 6.2.3: RFC 3339 with capitals, at most microseconds, no leap second. */
function readTimestamp(text: string): number {
  const match =
    /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(
      text,
    );
  const midnight = Date.parse(`${match?.[1]}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(match![1]!)) {
    throw new Error(`no timestamp: ${text}`);
  }
  return Date.parse(text);
}

function readStructuredData(reader: Reader): SyslogMessage['structuredData'] {
  const elements: Record<string, Record<string, string>> = {};
  if (reader.takeIf(/-/y)) return elements;
  do {
    const [, id] = reader.take(/\[([!#-<>-\\^-~]{1,32})/y, 'structured data');
    if (Object.hasOwn(elements, id!)) throw new Error(`element ${id} appears twice`);
    const parameters: Record<string, string> = {};
    for (;;) {
      const parameter = reader.takeIf(/ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\.)*)"/sy);
      if (!parameter) break;
      parameters[parameter[1]!] = parameter[2]!.replace(/\\(["\\\]])/g, '$1');
    }
    elements[id!] = parameters;
    reader.take(/\]/y, '] after structured data');
  } while (reader.next === '[');
  return elements;
}

/** The end of an RFC 5424 message: nothing, or a space and the text. */
function readText(reader: Reader): { hasBom: boolean; rest: string } {
  if (reader.rest === '') return { hasBom: false, rest: '' };
  reader.take(/ /y, 'space before the text');
  return withoutBom(reader.rest);
}

function withoutBom(text: string): { hasBom: boolean; rest: string } {
  const hasBom = text.startsWith('\ufeff');
  return { hasBom, rest: hasBom ? text.slice(1) : text };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function readRfc3164(reader: Reader): Omit<SyslogMessage, Numbers> {
  const shape = /(([A-Z][a-z]{2}) ( [1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) /y;
  const [, timestamp, month, day] = reader.take(shape, 'timestamp');
  if (Number(day) > (longestMonths[months.indexOf(month!)] ?? 0))
    throw new Error(`no timestamp: ${timestamp}`);
  // The letter of the RFC makes `CEF` the tag of a CEF line; every receiver looks for the whole line instead.
  const isLine = (): boolean => /^\ufeff?(?:CEF|LEEF):/.test(reader.rest);
  // Without a name to give, Fluent Bit leaves it out.
  const [, host] = isLine() ? [] : reader.take(/([A-Za-z0-9._:-]+) /y, 'hostname');
  const header = {
    format: 'rfc3164' as const,
    timestamp,
    time: undefined,
    host,
    msgId: undefined,
    structuredData: {},
  };
  const [, app, procId] =
    (isLine() ? undefined : reader.takeIf(/([A-Za-z0-9_./-]{1,32})(?:\[([!-Z^-~]+)\])?: ?/y)) ?? [];
  return { ...header, app, procId, ...withoutBom(reader.rest) };
}

/** What of a text is still to be read. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.#text[this.#at] ?? '';
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Reads what a sticky expression matches here. */
  takeIf(shape: RegExp): RegExpExecArray | undefined {
    shape.lastIndex = this.#at;
    const match = shape.exec(this.#text) ?? undefined;
    if (match) this.#at = shape.lastIndex;
    return match;
  }

  /** The same. @throws Error when it does not */
  take(shape: RegExp, what: string): RegExpExecArray {
    const match = this.takeIf(shape);
    if (!match) throw new Error(`no ${what}: ${this.rest.slice(0, 80)}`);
    return match;
  }
}
