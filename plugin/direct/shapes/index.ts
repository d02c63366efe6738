import { datadogShape } from './datadog.ts';
import { jsonShape } from './json.ts';
import { newRelicShape } from './newrelic.ts';
import { sentinelShape } from './sentinel.ts';
import type { CompileShape } from './shape.ts';
import { splunkShape } from './splunk-hec.ts';
import { sumoShape } from './sumo.ts';

/** The JSON shapes that the direct path writes, by their format. */
export const shapes: ReadonlyMap<string, CompileShape> = new Map([
  ['json', jsonShape],
  ['splunk-hec', splunkShape],
  ['sentinel', sentinelShape],
  ['sumo', sumoShape],
  ['datadog', datadogShape],
  ['newrelic', newRelicShape],
]);
