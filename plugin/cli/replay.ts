import { createReadStream } from 'node:fs';
import { isRecord } from '../fluent/entry.ts';
import { tryParseJson } from '../mapping/json.ts';
import { load } from './load.ts';
import { linesOf } from './ndjson.ts';
import { describeFindings, plural } from './report.ts';
import { askService, expectOk } from './service-client.ts';
import { command, exit, serviceConfigOption, serviceEnvironment } from './usage.ts';

/** Records or events of one destination and tag, sent together. */
interface Load {
  readonly path: string;
  readonly lines: string[];
}

const mostLines = 100;

export const replay = command(
  {
    name: 'replay',
    summary: 'put dead letters back on their way',
    description: `Sends the dead letters of a file (as outputs/dead-letter.conf writes them) through the running service again:
records are mapped anew, events that the SIEM refused or that expired go to Fluent Bit as they are. What can't be delivered
this time either becomes a dead letter again, so move FILE away before.`,
    operand: { name: 'FILE', required: true, about: 'dead letters, a JSON object a line' },
    options: {
      destination: { type: 'string', value: 'NAME', about: 'only the letters of this destination' },
      config: serviceConfigOption,
    },
    environment: serviceEnvironment,
    exits: ['all were sent', 'some could not be sent, and are told by line; or the service does not answer'],
    examples: [
      [
        'mv dead-letters.ndjson again.ndjson && fluent-bit-siem replay again.ndjson',
        'once what was wrong is mended',
      ],
    ],
  },
  async (values, [operand]) => {
    const file = operand!;
    const result = await load(values.config);
    if (!result.loaded) {
      process.stderr.write(`${describeFindings(result)}\n`);
      return exit.findings;
    }
    const { settings } = result.loaded;
    let sent = 0;
    let failed = 0;
    let waiting: Load | undefined;
    const flush = async (): Promise<void> => {
      if (!waiting) return;
      expectOk(await askService(settings, 'POST', waiting.path, waiting.lines.join('\n')));
      sent += waiting.lines.length;
      waiting = undefined;
    };
    let number = 0;
    for await (const line of linesOf(createReadStream(file))) {
      number++;
      if (line.trim() === '') continue;
      const letter = readLetter(line);
      if (typeof letter === 'string') {
        failed++;
        process.stderr.write(`line ${number}: ${letter}\n`);
        continue;
      }
      if (values.destination !== undefined && letter.destination !== values.destination) continue;
      if (waiting && (waiting.path !== letter.path || waiting.lines.length >= mostLines)) await flush();
      waiting ??= { path: letter.path, lines: [] };
      waiting.lines.push(letter.content);
    }
    await flush();
    process.stdout.write(`${plural(sent, 'letter')} sent\n`);
    return failed > 0 ? exit.findings : exit.fine;
  },
);

/** Where a letter goes and what with, or why it can't go. */
function readLetter(line: string): { destination: string; path: string; content: string } | string {
  const letter = tryParseJson(line);
  if (!isRecord(letter)) return 'no JSON object';
  const { destination, tag = '', record, event, record_length: length } = letter;
  if (typeof destination !== 'string' || typeof tag !== 'string')
    return 'no dead letter: it names no destination';
  if (length !== undefined) return 'its record was too long to be kept whole';
  const content = event ?? record;
  if (typeof content !== 'string') return 'it holds bytes that are no text';
  // A record that was no JSON would only come back.
  if (!isRecord(tryParseJson(content))) return 'its record is no JSON object';
  const name = encodeURIComponent(destination);
  const path = event === undefined ? `/map/${name}?tag=${encodeURIComponent(tag)}` : `/map/${name}?as=events`;
  // One line: a record of several would be several.
  return { destination, path, content: content.replace(/[\r\n]+/g, ' ') };
}
