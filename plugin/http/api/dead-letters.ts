import type { FastifyInstance } from 'fastify';
import type { Destination } from '../../delivery/destination.ts';
import { Intake } from '../../delivery/intake.ts';
import { goTogether, lineOf, mostTogether } from '../../delivery/letter.ts';
import { Replayed } from '../../delivery/replayed.ts';
import { fromMilliseconds } from '../../fluent/event-time.ts';
import { ForwardError } from '../../fluent/forward-client.ts';
import { notAcknowledged, ServiceError } from '../errors.ts';
import { badRequest, jsonBody } from './body.ts';
import { type KeptLetter, newestLetters } from './letter-file.ts';
import type { DeadLetterState, DeadLetters, ReplayResult } from './types.ts';

export interface DeadLetterParts {
  readonly destinations: ReadonlyMap<string, Destination>;
  /** `service.dead_letters`, and where it is kept which of them were sent again. */
  readonly deadLetters: { readonly file: string; readonly replayedFile: string } | undefined;
}

/** So much of a record is shown, in characters. */
const longestShown = 4000;

/**
 * `/api/dead-letters`: the newest ones of a destination, and `POST /api/dead-letters/replay`, which does with those that
 * are named what the command `replay` does with a file.
 */
export function deadLetterRoutes(
  server: FastifyInstance,
  { destinations, deadLetters }: DeadLetterParts,
): void {
  const intake = new Intake();
  const replayed = deadLetters && new Replayed(deadLetters.replayedFile);
  /** One at a time: two at once would send the same letters twice. */
  let replaying: Promise<unknown> = Promise.resolve();

  server.get<{ Querystring: { destination?: string } }>(
    '/api/dead-letters',
    async ({ query }): Promise<DeadLetters> => {
      const { letters, isAll } = await read([query.destination].flat()[0]);
      return { file: deadLetters!.file, isAll, letters: letters.map(shown) };
    },
  );

  server.post('/api/dead-letters/replay', { bodyLimit: 65_536 }, async (request): Promise<ReplayResult> => {
    const { destination, ids } = jsonBody(request);
    if (typeof destination !== 'string' || !Array.isArray(ids))
      throw badRequest('destination is to be a name, and ids a list');
    const run = replaying.then(() => replay(destination, new Set(ids)));
    replaying = run.catch(() => {});
    const sent = await run;
    request.log.info({ destination, letters: sent }, 'dead letters put back on their way');
    return { sent };
  });

  /** @throws ServiceError */
  async function read(destination: string | undefined): ReturnType<typeof newestLetters> {
    if (!deadLetters || !replayed)
      throw new ServiceError(409, 'no_dead_letters', 'service.dead_letters does not say where they are');
    await replayed.ready();
    try {
      return await newestLetters(deadLetters.file, destination);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      // Fluent Bit makes it with the first letter.
      if (code === 'ENOENT') return { letters: [], isAll: true };
      throw new ServiceError(500, 'unreadable', `${deadLetters.file} can't be read (${code})`);
    }
  }

  function shown({ obstacle, content, ...letter }: KeptLetter): DeadLetterState {
    const replayedAt = replayed?.timeOf(letter.id);
    return {
      ...letter,
      content: content.slice(0, longestShown).toWellFormed(),
      isCut: content.length > longestShown,
      ...(obstacle !== undefined && { obstacle }),
      ...(replayedAt !== undefined && { replayedAt }),
    };
  }

  /** @returns how many were sent. @throws ServiceError when one could not be; those before it are marked */
  async function replay(name: string, ids: ReadonlySet<unknown>): Promise<number> {
    const destination = destinations.get(name);
    if (!destination) throw new ServiceError(404, 'unknown_destination', `there is no destination '${name}'`);
    const { letters } = await read(name);
    const open = letters.filter(
      ({ id, obstacle }) => ids.has(id) && obstacle === undefined && replayed!.timeOf(id) === undefined,
    );
    // In the order they were written.
    for (const group of groupsOf(open.reverse())) {
      await send(destination, group);
      await replayed!.add(
        group.map(({ id }) => id),
        new Date().toISOString(),
      );
    }
    return open.length;
  }

  async function send(destination: Destination, group: readonly KeptLetter[]): Promise<void> {
    const [{ tag, isEvent }] = group as [KeptLetter];
    const body = Buffer.from(group.map(lineOf).join('\n'));
    try {
      await intake.take(destination, isEvent ? '' : tag, body, fromMilliseconds(Date.now()), isEvent);
    } catch (error) {
      throw error instanceof ForwardError ? notAcknowledged(error.message) : error;
    }
  }
}

/** Neighbours that may go in one request. */
function groupsOf(letters: readonly KeptLetter[]): KeptLetter[][] {
  const groups: KeptLetter[][] = [];
  for (const letter of letters) {
    const last = groups.at(-1);
    if (last && last.length < mostTogether && goTogether(last[0]!, letter)) last.push(letter);
    else groups.push([letter]);
  }
  return groups;
}
