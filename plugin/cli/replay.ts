import { createReadStream } from 'node:fs';
import { goTogether, type Letter, lineOf, mostTogether, readLetter } from '../delivery/letter.ts';
import { load } from './load.ts';
import { linesOf } from './ndjson.ts';
import { describeFindings, plural } from './report.ts';
import { askService, expectOk } from './service-client.ts';
import { command, exit, serviceConfigOption, serviceEnvironment } from './usage.ts';

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
    let waiting: Letter[] = [];
    const flush = async (): Promise<void> => {
      const [first] = waiting;
      if (!first) return;
      expectOk(await askService(settings, 'POST', pathOf(first), waiting.map(lineOf).join('\n')));
      sent += waiting.length;
      waiting = [];
    };
    let number = 0;
    for await (const line of linesOf(createReadStream(file))) {
      number++;
      if (line.trim() === '') continue;
      const letter = readLetter(line);
      const obstacle = typeof letter === 'string' ? letter : letter.obstacle;
      if (typeof letter === 'string' || obstacle !== undefined) {
        failed++;
        process.stderr.write(`line ${number}: ${obstacle}\n`);
        continue;
      }
      if (values.destination !== undefined && letter.destination !== values.destination) continue;
      const [first] = waiting;
      if (first && (!goTogether(first, letter) || waiting.length >= mostTogether)) await flush();
      waiting.push(letter);
    }
    await flush();
    process.stdout.write(`${plural(sent, 'letter')} sent\n`);
    return failed > 0 ? exit.findings : exit.fine;
  },
);

function pathOf({ destination, tag, isEvent }: Letter): string {
  const name = encodeURIComponent(destination);
  return isEvent ? `/map/${name}?as=events` : `/map/${name}?tag=${encodeURIComponent(tag)}`;
}
