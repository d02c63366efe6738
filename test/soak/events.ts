import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GateLoop } from '../end-to-end/gate-loop.ts';
import type { Part } from '../end-to-end/loop.ts';
import { type Weather, type WeatherSiem, weathers } from './weather-siem.ts';

/** Waits so many milliseconds. */
type Wait = (milliseconds: number) => Promise<void>;

/** Something that happens to the loop; when it is over, what it broke is whole again. */
export interface Happening {
  readonly name: string;
  readonly run: (loop: GateLoop, random: () => number, wait: Wait) => Promise<void>;
}

/** What each of the soak's records becomes. @param name changes with every reload */
export function mappingNamed(name: string): string {
  return `time: $time
mappings:
  - id: '*'
    map: { eventClass: Soak, eventName: ${name}, severity: 1, extension: { id: $id } }
`;
}

const kill = (...parts: Part[]): Happening => ({
  name: `kill -9 ${parts.join(' and ')}`,
  run: async (loop, random, wait) => {
    await Promise.all(parts.map((part) => loop.kill(part)));
    await wait(random() * 3000);
    for (const part of parts) loop.run(part);
    await loop.ready();
  },
});

const write = (loop: GateLoop, name: string, change: (text: string) => string): void => {
  const path = join(loop.folder, name);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
};

export const happenings: readonly Happening[] = [
  kill('service'),
  kill('delivery'),
  kill('collector'),
  kill('service', 'delivery'),
  kill('collector', 'service', 'delivery'),
  {
    name: 'reload: another mapping',
    run: async (loop, random) =>
      write(loop, 'any.yaml', () => mappingNamed(`soak${Math.floor(random() * 1e6)}`)),
  },
  {
    name: 'reload: other limits',
    run: async (loop, random) => {
      const records = 1 + Math.floor(random() * 100);
      const connections = 1 + Math.floor(random() * 8);
      write(loop, 'destinations.yaml', (text) =>
        text
          .replace(/records: \d+/, `records: ${Math.max(20, records)}`)
          .replace(/connections: \d+/, `connections: ${connections}`),
      );
    },
  },
  {
    name: 'reload: a mapping file that is broken for a while',
    run: async (loop, random, wait) => {
      write(loop, 'any.yaml', () => 'mappings: [ {');
      await wait(1000 + random() * 3000);
      write(loop, 'any.yaml', () => mappingNamed('mended'));
    },
  },
  {
    name: 'pause',
    run: async (loop, random, wait) => {
      await loop.turn('pause');
      await wait(1000 + random() * 8000);
      await loop.turn('resume');
    },
  },
];

/** Another weather for a while. @returns which */
export async function changeWeather(siem: WeatherSiem, random: () => number, wait: Wait): Promise<Weather> {
  const bad = weathers.filter((weather) => weather !== 'fair');
  const weather = bad[Math.floor(random() * bad.length)]!;
  await siem.setWeather(weather);
  await wait(1000 + random() * 14_000);
  await siem.setWeather('fair');
  return weather;
}
