import type { FastifyInstance } from 'fastify';
import { keysOf } from '../../compile/hits.ts';
import type { Destination } from '../../delivery/destination.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { CountedConfiguration } from '../../telemetry/configuration.ts';
import type { DestinationMappings, MappingFileState, Mappings } from './types.ts';

export interface MappingsParts {
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly configuration: () => CountedConfiguration | undefined;
  /** Asked, it adds up what other processes have counted until now. */
  readonly measured: () => Promise<unknown>;
}

/** `GET /api/mappings`: the maps in use, how many records each has matched, and which records none did. */
export function mappingsRoute(
  server: FastifyInstance,
  { destinations, configuration, measured }: MappingsParts,
): void {
  const startedAt = new Date().toISOString();
  server.get('/api/mappings', async (): Promise<Mappings> => {
    await measured();
    return {
      configuration: configuration()?.status,
      startedAt,
      destinations: [...destinations.values()].map(describe),
    };
  });
}

function describe(destination: Destination): DestinationMappings {
  destination.collect();
  const { name, settings, compiled, measures } = destination;
  const { files = [], hits } = compiled;
  // By all mappings of the destination, as they were counted.
  const keys = keysOf(hits?.mappings ?? []);
  let place = 0;
  return {
    name,
    format: settings.format,
    unmapped: settings.unmapped,
    files: files.map(
      ({ set, digest }): MappingFileState => ({
        file: set.file,
        match: set.match,
        digest,
        mappings: set.mappings.map((mapping) => ({
          ids: mapping.ids === '*' ? ['*'] : mapping.ids,
          line: mapping.line,
          prefilter: conditionsOf(mapping),
          exclude: mapping.prefilter.exclude,
          matched: measures.mapped.of(keys[place++] ?? ''),
        })),
      }),
    ),
    unmappedKinds: measures.mapped.unmapped,
  };
}

function conditionsOf({ prefilter }: Mapping): string[] {
  return prefilter.conditions.map(({ path, anyOf }) => `${path.text} = ${anyOf.join(' or ')}`);
}
