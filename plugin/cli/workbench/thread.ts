import { parentPort, workerData } from 'node:worker_threads';
import { type BenchConfiguration, renderOnBench } from '../../workbench/bench.ts';
import { importPhp } from '../../workbench/convert.ts';
import { benchConfiguration } from './bench-configuration.ts';
import type { FromThread, Job, ThreadStart } from './thread-messages.ts';

// The workbench's thread: what is typed there takes its time here, and never that of /map.

const { config, snapshot } = workerData as ThreadStart;
const loading = benchConfiguration(config, snapshot);

parentPort!.on('message', (job: Job) => {
  loading.then((configuration) => tell({ kind: 'answer', answer: done(configuration, job) })).catch(failed);
});
loading.then(() => tell({ kind: 'ready' }), failed);

function done(configuration: BenchConfiguration, job: Job): unknown {
  return job.kind === 'render'
    ? renderOnBench(configuration, job.request, job.now)
    : importPhp(job.text, job.file);
}

function failed(error: Error): void {
  tell({ kind: 'failure', message: error.message });
}

function tell(message: FromThread): void {
  parentPort!.postMessage(message);
}
