import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rsyslog } from '../setup/rsyslog.mjs';

/** A CEF line as liblognorm reads it. */
export interface CefReading {
  readonly DeviceVendor: string;
  readonly DeviceProduct: string;
  readonly DeviceVersion: string;
  readonly SignatureID: string;
  readonly Name: string;
  readonly Severity: string;
  readonly Extensions: Readonly<Record<string, string>>;
}

/** The same with the extension as pairs, in their order. */
export interface CefFields extends Omit<CefReading, 'Extensions'> {
  readonly Extensions: readonly (readonly [key: string, value: string])[];
}

/** A LEEF line as liblognorm reads it. */
export interface LeefReading {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly eventId: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** Which LEEF: its version, and the character between attributes. */
export interface LeefForm {
  readonly version: '1.0' | '2.0';
  readonly delimiter: string;
}

/** liblognorm's own CEF parser: the line as a whole. */
export const cefRule = 'rule=:%cef:cef%';

/**
 * LEEF's grammar in liblognorm's terms: it has no parser of its own for it. An attribute ends at the
 * delimiter, its key at the first `=`.
 */
export function leefRule({ version, delimiter }: LeefForm): string {
  const field = (name: string): string => `%${name}:char-sep:|%|`;
  const header = ['vendor', 'product', 'version', 'eventId'].map(field).join('');
  const said = delimiter === '\t' ? '0x09' : delimiter;
  const upTo = (name: string, character: string): object => ({
    type: 'char-sep',
    name,
    extradata: character,
  });
  const literal = (text: string): object => ({ type: 'literal', text });
  const attributes = {
    type: 'repeat',
    name: 'attributes',
    parser: [upTo('key', '='), literal('='), upTo('value', delimiter)],
    while: [literal(delimiter)],
  };
  return `rule=:LEEF:${version}|${header}${version === '1.0' ? '' : `${said}|`}%${JSON.stringify(attributes)}%`;
}

export function inOrder(reading: CefReading): CefFields {
  return { ...reading, Extensions: Object.entries(reading.Extensions) };
}

/** liblognorm's command line tool: a reader that shares nothing with the writer, and refuses what is wrong. */
export class Lognormalizer {
  readonly #rsyslog: Rsyslog;
  /** Before 2.0.7 the CEF parser takes the first key without its first letter (liblognorm issue 363). */
  readonly #losesFirstLetter: boolean;

  constructor(rsyslog: Rsyslog) {
    this.#rsyslog = rsyslog;
    const [fields] = this.readCef(['CEF:0|v|p|1|c|n|2|src=192.0.2.1']);
    this.#losesFirstLetter = fields!.Extensions[0]![0] === 'rc';
  }

  /** @throws Error when there is a line that is no CEF */
  readCef(lines: readonly string[]): CefFields[] {
    return this.#read<{ cef: CefReading }>(cefRule, lines).map(({ cef }) => inOrder(cef));
  }

  /** @throws Error when there is a line that does not follow the rule */
  readLeef(form: LeefForm, lines: readonly string[]): LeefReading[] {
    return this.#read<LeefReading>(leefRule(form), lines);
  }

  /** What this reader gives when it read these fields right: its one known mistake is in it. */
  asRead(fields: CefFields): CefFields {
    if (!this.#losesFirstLetter) return fields;
    const [[key, value], ...others] = fields.Extensions as [[string, string], ...[string, string][]];
    return { ...fields, Extensions: [[key.slice(1), value], ...others] };
  }

  #read<Reading>(rule: string, lines: readonly string[]): Reading[] {
    const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
    try {
      writeFileSync(join(folder, 'rulebase'), `version=2\n${rule}\n`);
      const { stdout, stderr, status } = spawnSync(
        this.#rsyslog.lognormalizer,
        ['-r', join(folder, 'rulebase'), '-e', 'json'],
        {
          input: lines.map((line) => `${line}\n`).join(''),
          encoding: 'utf8',
          maxBuffer: 2 ** 28,
          env: { ...process.env, ...this.#rsyslog.environment },
        },
      );
      if (status !== 0) throw new Error(`lognormalizer ended with ${status}: ${stderr}`);
      const readings = stdout.split('\n').slice(0, -1);
      const parsed = readings.map((reading) => JSON.parse(reading));
      const refused = parsed.find((reading) => 'unparsed-data' in reading);
      if (refused) throw new Error(`refused: ${refused.originalmsg}`);
      if (parsed.length !== lines.length) throw new Error(`${lines.length} lines gave ${parsed.length}`);
      return parsed;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
