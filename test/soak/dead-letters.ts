import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Ledger } from './ledger.ts';

/**
 * Which ids stand in a file of dead letters, as outputs/dead-letter.conf writes it.
 *
 * A kill may cut a line short; Fluent Bit then writes the whole chunk again, its first line behind the piece.
 */
export async function readDeadLetters(file: string): Promise<Ledger> {
  const ledger = new Ledger();
  if (!existsSync(file)) return ledger;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const event = eventOf(line) ?? eventOf(line.slice(line.lastIndexOf('{"time":')));
    if (event !== undefined) ledger.add(Number((JSON.parse(event) as { id: number }).id));
  }
  return ledger;
}

function eventOf(line: string): string | undefined {
  try {
    return (JSON.parse(line) as { event: string }).event;
  } catch {
    return undefined;
  }
}
