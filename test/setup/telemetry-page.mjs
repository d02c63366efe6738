// docs/telemetry.md: what is measured, as it stands in the code.

import { deadLetterReasons } from '../../dist/delivery/counters.js';
import { destinationStates } from '../../dist/delivery/destination.js';
import { durationBounds } from '../../dist/delivery/histogram.js';
import { certificateFamilies } from '../../dist/telemetry/certificate.js';
import { configurationFamilies } from '../../dist/telemetry/configuration.js';
import { destinationFamilies } from '../../dist/telemetry/destinations.js';
import { lostFamilies, noneLost } from '../../dist/telemetry/lost-requests.js';
import { processFamilies } from '../../dist/telemetry/process.js';
import { prometheusName } from '../../dist/telemetry/prometheus.js';

const configuration = { status: { loadedAt: new Date(0).toISOString(), digest: '' }, loads: {} };

/** Labels beside `destination`, which all of the first table have. */
const labels = {
  'fluent_bit_siem.dead_lettered': 'reason',
  'fluent_bit_siem.destination.state': 'state',
  'http.server.request.duration': 'http_route, http_request_method, http_response_status_code',
  'http.client.request.duration': 'http_request_method, http_response_status_code, error_type',
};

/** @param {string} generated the line that says so */
export function telemetryPage(generated) {
  return `# See how it runs: metrics, traces, alerts

${generated}

- **\`GET /metrics\`** has everything as Prometheus text, always. With \`service.auth\` it needs the credentials of \`admin\`.
- **OTLP** sends the same metrics, and a span for each request, to an OpenTelemetry receiver. It is off unless the environment asks for it.
- **\`fluent-bit-siem status\`** and \`GET /destinations\` say in words how each destination is, and why.
- Fluent Bit has metrics of its own (\`HTTP_Server On\`, port 2020): what its storage holds, and for a destination without \`deliver:\` whether
  the SIEM takes it. Here such a destination is \`direct\`.

## Prometheus and Grafana

\`docker/monitoring/\` has a part of Prometheus' configuration (\`scrape.yaml\`), rules for alerts (\`alerts.yaml\`) and a dashboard for Grafana
(\`grafana-dashboard.json\`: Dashboards, New, Import). The alerts: a destination that has failed for 10 minutes, dead letters, a record that has
waited for an hour, a backlog that comes near its retention, a pause of four hours, requests refused for good or not acknowledged, a configuration
that was not taken over, a certificate that ends within two weeks, and a service that is not there.

## OTLP

\`\`\`sh
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npx fluent-bit-siem serve
\`\`\`

| variable | |
| --- | --- |
| \`OTEL_EXPORTER_OTLP_ENDPOINT\` | Where to; \`_TRACES_\` or \`_METRICS_\` before \`ENDPOINT\` for one of them, with its path. Without an endpoint or an exporter nothing is sent. |
| \`OTEL_TRACES_EXPORTER\`, \`OTEL_METRICS_EXPORTER\` | \`otlp\`, or \`none\` |
| \`OTEL_EXPORTER_OTLP_HEADERS\` | Headers, credentials among them; they are in no log. |
| \`OTEL_EXPORTER_OTLP_PROTOCOL\` | \`http/protobuf\`, the only one |
| \`OTEL_METRIC_EXPORT_INTERVAL\`, \`OTEL_METRIC_EXPORT_TIMEOUT\` | Milliseconds; 60000 and 30000 |
| \`OTEL_SERVICE_NAME\`, \`OTEL_RESOURCE_ATTRIBUTES\` | \`fluent-bit-siem\` if not said |
| \`OTEL_TRACES_SAMPLER\`, \`OTEL_TRACES_SAMPLER_ARG\`, \`OTEL_BSP_*\` | As the OpenTelemetry specification has them |
| \`OTEL_EXPORTER_OTLP_COMPRESSION\`, \`_TIMEOUT\`, \`_CERTIFICATE\`, \`_CLIENT_KEY\`, \`_CLIENT_CERTIFICATE\` | The same |
| \`OTEL_SDK_DISABLED\` | \`true\`: nothing is sent, whatever else is set |

A mistake in them is logged, and records go on their way without telemetry; so they do when the receiver is gone, which is logged once a minute.

**Spans**: one for each request to \`/map\` and \`/deliver\`, with \`fluent_bit_siem.destination\`, \`.tag\`, \`.records\`, \`.events\`, \`.batches\`, \`.dead_letters\` and
\`.outcome\` (\`acknowledged\`, \`delivered\`, or the code of the error that was answered), and one for each request of the gate to the SIEM. No span
holds a record, a message or a secret. Batches that a shut gate turns away have no span: they may be thousands a minute, and
\`fluent_bit_siem_held_total\` counts them. With \`--workers\` each worker sends its own spans (\`fluent_bit_siem.worker\`), and the first process all metrics.

Metrics have OpenTelemetry's names there: \`fluent_bit_siem_records_total\` is \`fluent_bit_siem.records\`, \`http_server_request_duration_seconds\` is
\`http.server.request.duration\`.

## Metrics of each destination

All have the label \`destination\`.

${table(destinationFamilies([], 0))}

\`state\` is ${inWords(destinationStates)}; \`reason\` is ${inWords(Object.values(deadLetterReasons))}. Buckets of
the histograms end at ${durationBounds.join(', ')} seconds.

A batch waits from its first knock at the gate until it is settled; Fluent Bit has it meanwhile. After a start of the service all are known once each
has knocked again, within Fluent Bit's \`scheduler.cap\`.

## Metrics of the service

${table([...lostFamilies(noneLost()), ...configurationFamilies(configuration), ...certificateFamilies(0), ...processFamilies('')])}
`;
}

function table(families) {
  const rows = families.map(
    (family) =>
      `| \`${prometheusName(family)}\` | ${family.type} | ${labels[family.name] ?? ''} | ${family.help.replaceAll('|', '\\|')} |`,
  );
  return ['| metric | is a | labels | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function inWords(words) {
  return words.map((word) => `\`${word}\``).join(', ');
}
