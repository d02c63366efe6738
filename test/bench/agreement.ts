import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unpackr } from 'msgpackr';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { type Chunk, makeChunks } from './chunks.ts';
import { type Fields, fileCloudMix } from './filecloud-mix.ts';
import { connectTo, type LuaFluentBit, luaConfiguration, runFluentBit } from './fluent-bit.ts';
import { type Entry, eventsIn, ForwardReceiver } from './forward-receiver.ts';
import { toCef } from './hand-written.ts';
import { scenarios, tag, writeConfiguration } from './scenarios.ts';
import { loadServicePath } from './service-path.ts';
import { asLines, type SyslogNg, startSyslogNg } from './syslog-ng.ts';

/** A CEF line as what it says: the order of its pairs, and of keys in JSON text, is left out. */
export interface CefMeaning {
  readonly header: string;
  readonly pairs: Readonly<Record<string, unknown>>;
}

/** Reads a line of FileCloud's maps: no value of the mix holds a space and then a word and an unescaped `=`. */
export function readCef(line: string): CefMeaning {
  const [, header = '', extension = ''] = /^((?:(?:\\.|[^\\|])*\|){7})(.*)$/s.exec(line) ?? [];
  const pairs: [string, unknown][] = [];
  for (const [, key, text] of extension.matchAll(
    /(?:^| )([A-Za-z0-9]+)=((?:\\.|[^\\=])*)(?= [A-Za-z0-9]+=|$)/gs,
  )) {
    const value = text!.replace(/\\(.)/gs, (_, escaped) => ({ n: '\n', r: '\r' })[escaped as 'n'] ?? escaped);
    pairs.push([key!, value.startsWith('{') ? JSON.parse(value) : value]);
  }
  return { header, pairs: Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Lines of a contender by the record's id. */
type Lines = ReadonlyMap<string, CefMeaning>;

const howMany = 500;

/**
 * Lets everyone map the same records and compares what their lines say with what the service's say.
 *
 * @returns one sentence for each contender that differs, with its first line that does
 */
export async function findDisagreements(
  folder: string,
  fluentBit: LuaFluentBit | undefined,
  syslogNg: SyslogNg | undefined,
): Promise<string[]> {
  const [chunk] = makeChunks(fileCloudMix(2), 1, { records: howMany }, '5.x') as [Chunk];
  const service = byId(await serviceLines(folder, chunk));
  const others: [string, Lines][] = [['JavaScript by hand', byId(recordsOf(chunk).map(toCef))]];
  if (fluentBit) others.push(['Fluent Bit + Lua', byId(await luaLines(fluentBit, folder, chunk))]);
  if (syslogNg) others.push(['syslog-ng', byId(await syslogNgLines(syslogNg, folder, chunk))]);
  return others.flatMap(([name, lines]) => {
    const different = [...service].filter(
      ([id, line]) => JSON.stringify(lines.get(id)) !== JSON.stringify(line),
    );
    if (different.length === 0) return [];
    const [id, line] = different[0]!;
    const theirs = JSON.stringify(lines.get(id));
    return [
      `${name} says other things of ${different.length} of ${howMany} records:\n  ${theirs}\n  ${JSON.stringify(line)}`,
    ];
  });
}

async function serviceLines(folder: string, { bytes }: Chunk): Promise<string[]> {
  const mix = scenarios.find(({ name }) => name === 'mix')!;
  const lines: string[] = [];
  const path = await loadServicePath(writeConfiguration(join(folder, 'service'), mix), (message) => {
    lines.push(...linesOf(eventsIn(Buffer.concat(message))));
  });
  await path(bytes, tag);
  return lines;
}

async function luaLines({ path }: LuaFluentBit, folder: string, chunk: Chunk): Promise<string[]> {
  const [port] = (await freePorts(1)) as [number];
  const receiver = new ForwardReceiver();
  await receiver.start();
  const lines: string[] = [];
  receiver.onEvents = (events) => void lines.push(...linesOf(events));
  const child = runFluentBit(path, luaConfiguration(join(folder, 'lua'), port, 'forward', receiver.port));
  const { send, close } = await connectTo(child, port);
  await send(chunk);
  await until(() => lines.length >= howMany, 15_000);
  close();
  await child.stop();
  receiver.stop();
  return lines;
}

async function syslogNgLines({ path }: SyslogNg, folder: string, chunk: Chunk): Promise<string[]> {
  const output = join(folder, 'lines');
  const { child, load } = await startSyslogNg(path, join(folder, 'syslog-ng'), output);
  await load.send(asLines(chunk));
  const lines = (): string[] => readFileSync(output, 'utf8').split('\n').slice(0, -1);
  await until(() => {
    try {
      return lines().length >= howMany;
    } catch {
      return false;
    }
  }, 15_000);
  load.close();
  await child.stop();
  return lines();
}

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' } as object);

function recordsOf({ bytes }: Chunk): Fields[] {
  return (unpackr.unpackMultiple(bytes) as [unknown, Fields][]).map(([, record]) => record);
}

function linesOf(events: readonly Entry[]): string[] {
  return events.map(([, { message }]) => String(message));
}

function byId(lines: readonly string[]): Lines {
  return new Map(
    lines.map((line) => {
      const meaning = readCef(line);
      return [String(meaning.pairs.externalId), meaning];
    }),
  );
}
