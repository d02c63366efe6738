import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import { tryParseJson } from '../mapping/json.ts';

/** Makes the body of a request to the SIEM out of events, each Fluent Bit's JSON text of one record. */
export interface BodyMaker {
  readonly contentType: string;
  readonly make: (lines: readonly string[]) => Buffer;
}

/**
 * Compiles how a destination's requests are put together.
 *
 * @param isText a text format's line stands under `message`, and is sent alone
 */
export function compileBody(body: DeliverSettings['body'], isText: boolean): BodyMaker {
  const textOf = isText ? messageIn : (line: string): string => line;
  switch (body) {
    case 'array':
      return {
        contentType: 'application/json',
        make: (lines) => Buffer.from(`[${lines.map(isText ? quotedMessage : textOf).join(',')}]`),
      };
    case 'lines':
      return {
        contentType: isText ? 'text/plain; charset=utf-8' : 'application/json',
        make: (lines) => Buffer.from(lines.map((line) => `${textOf(line)}\n`).join('')),
      };
    case 'bulk':
      return {
        contentType: 'application/x-ndjson',
        make: (lines) => Buffer.from(lines.map((line) => `{"create":{}}\n${textOf(line)}\n`).join('')),
      };
  }
}

function messageIn(line: string): string {
  const { message } = (tryParseJson(line) ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : line;
}

function quotedMessage(line: string): string {
  return JSON.stringify(messageIn(line));
}
