import { ForwardReceiver } from './forward-receiver.ts';
import { httpLoad, sendFor } from './load.ts';
import { peakMemory, residentMemory } from './process-usage.ts';
import { chunksOf, type Scenario, tag } from './scenarios.ts';
import { startService } from './service.ts';
import { summarise } from './statistics.ts';

/** Memory of the service under load; bytes. */
export interface Soak {
  readonly seconds: number;
  readonly records: number;
  readonly peak: number;
  /** Median resident bytes of each quarter of the time. */
  readonly quarters: readonly number[];
}

/** Sends as much as `/map` takes for so long, and looks at the service's memory twice a second. */
export async function soak(scenario: Scenario, folder: string, seconds: number): Promise<Soak> {
  const receiver = new ForwardReceiver();
  await receiver.start();
  const { port, child } = await startService(folder, scenario, receiver.port);
  const { send, close } = httpLoad(port, '/map/bench', tag);
  const pid = child.process.pid!;
  const resident: number[] = [];
  const timer = setInterval(() => resident.push(residentMemory(pid)), 500);
  try {
    const records = await sendFor(send, chunksOf(scenario), seconds * 1000, 4);
    const quarter = Math.ceil(resident.length / 4);
    return {
      seconds,
      records,
      peak: peakMemory(pid),
      quarters: [0, 1, 2, 3].map(
        (index) => summarise(resident.slice(index * quarter, (index + 1) * quarter)).median,
      ),
    };
  } finally {
    clearInterval(timer);
    close();
    await child.stop();
    receiver.stop();
  }
}

export function describeSoak({ seconds, records, peak, quarters }: Soak): string {
  const mebibytes = (bytes: number): string => String(Math.round(bytes / 2 ** 20));
  const perSecond = Math.round(records / seconds).toLocaleString('en-GB');
  return `soak: ${seconds} s of 2 MB chunks, ${perSecond} records/s; at most ${mebibytes(peak)} MiB, median of each quarter ${quarters.map(mebibytes).join(', ')}`;
}
