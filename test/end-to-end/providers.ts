import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SplunkReceiver } from '../../plugin/cli/demo/splunk-receiver.ts';
import type { LoadedDestination } from '../../plugin/cli/load.ts';
import { sentinelSchema } from '../../plugin/format/sentinel-schema.ts';
import { tryParseJson } from '../../plugin/mapping/json.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { DatadogReceiver } from '../receivers/datadog.ts';
import { ElasticsearchReceiver, type FieldType } from '../receivers/elasticsearch.ts';
import type { Answer, HttpReceiver, HttpRequest } from '../receivers/http-receiver.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { LogScaleReceiver } from '../receivers/logscale.ts';
import { NewRelicReceiver } from '../receivers/newrelic.ts';
import { type Column, SentinelReceiver } from '../receivers/sentinel.ts';
import { SumoLogicReceiver } from '../receivers/sumologic.ts';
import { SyslogReceiver, type SyslogReceiverOptions } from '../receivers/syslog.ts';
import { secret } from '../secrets/marker.ts';
import type { StanzaChanges } from './stanza.ts';

/** What stands at the other end of a stanza. */
export interface Provider {
  readonly receiver?: { listen(): Promise<void>; close(): Promise<void> };
  /** How the stanza reaches the receiver, once that listens. */
  readonly changes: () => StanzaChanges | Promise<StanzaChanges>;
  /** Every event, as the receiver sees it. */
  readonly arrived: () => readonly unknown[];
  /** An event of the format's, as the receiver is to see it; without it unchanged. */
  readonly sees?: (event: Readonly<Record<string, unknown>>, tag: string) => unknown;
  /** What the receiver has against all that came. */
  readonly problems: () => readonly unknown[];
}

/** What a provider may need to know. */
export interface Context {
  readonly destination: LoadedDestination;
  /** What its format makes of the samples. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The loop's folder, where Fluent Bit runs: the authority for all certificates is there, and the files. */
  readonly folder: string;
  /** Whether the Fluent Bit under test is this version or a later one. */
  readonly isSince: (version: string) => boolean;
}

export type MakeProvider = (context: Context) => Provider;

const certificate = makeCertificate();
export const authority = { file: 'ca.pem', text: certificate.cert } as const;
const trust = [`tls.ca_file ${authority.file}`];

/** Limits of age count from the first day of the samples. */
const now = (): number => Date.parse('2026-03-02T14:00:00Z');
const secure = { tls: certificate, now };
const host = '127.0.0.1';
const key = '5d0c7d1e-key';

interface HttpOptions {
  /** Whether the stanza says `compress gzip`. */
  readonly packs?: boolean;
  readonly problems?: () => readonly unknown[];
}

function overHttp(
  receiver: HttpReceiver,
  { packs = true, problems = () => [] }: HttpOptions = {},
): Pick<Provider, 'receiver' | 'arrived' | 'problems'> {
  return {
    receiver,
    arrived: () => receiver.records,
    problems: () => [
      ...receiver.requests.filter(({ status, records, headers }) => {
        const isPacked = headers['content-encoding'] === 'gzip';
        return status > 204 || records > 100 || isPacked !== packs;
      }),
      ...problems(),
    ],
  };
}

/** A count of what should not be, as a problem. */
function none(what: string, count: number): string[] {
  return count === 0 ? [] : [`${what}: ${count}`];
}

export const splunk: MakeProvider = () => {
  const envelopes: unknown[] = [];
  const receiver = new SplunkReceiver({ token: key, onEvent: (envelope) => envelopes.push(envelope) });
  return {
    receiver,
    changes: () => ({
      // This stand-in speaks plain HTTP.
      change: { tls: 'off' },
      environment: {
        SPLUNK_HEC_HOST: host,
        SPLUNK_HEC_PORT: String(receiver.port),
        SPLUNK_HEC_TOKEN: key,
      },
    }),
    arrived: () => envelopes,
    problems: () => receiver.requests.filter(({ status, events }) => status !== 200 || events > 100),
  };
};

const azure = {
  tenant: 'tenant-1',
  clientId: 'client-1',
  clientSecret: `a8Q~b.C_d-9${secret('azure')}`,
  dcr: 'dcr-1',
} as const;
const azureEnvironment = {
  AZURE_TENANT_ID: azure.tenant,
  AZURE_CLIENT_ID: azure.clientId,
  AZURE_CLIENT_SECRET: azure.clientSecret,
  SENTINEL_DCR_ID: azure.dcr,
};

/** A Sentinel whose data collection rule is the one that `sample` prints for the destination. */
function sentinelFor({ destination, events }: Context): { receiver: SentinelReceiver; stream: string } {
  const { settings, sets } = destination;
  const { streamDeclarations } = sentinelSchema(settings, sets, events).rule as {
    streamDeclarations: Record<string, { columns: Column[] }>;
  };
  const [[stream, { columns }]] = Object.entries(streamDeclarations) as [[string, { columns: Column[] }]];
  // Plain HTTP: Fluent Bit has no setting for the authority that signed the token endpoint's certificate.
  return { stream, receiver: new SentinelReceiver({ ...azure, now, streams: { [stream]: columns } }) };
}

export const sentinel: MakeProvider = (context) => {
  const { receiver, stream } = sentinelFor(context);
  return {
    ...overHttp(receiver, { problems: () => receiver.violations }),
    changes: async () => {
      const change = { Port: String(receiver.port), tls: 'off' };
      const environment = { ...azureEnvironment, SENTINEL_HOST: host, SENTINEL_STREAM: stream };
      const token = receiver.url + receiver.tokenPath;
      if (context.isSince('5.0')) return { change: { ...change, 'oauth2.token_url': token }, environment };
      // Such a Fluent Bit can't fetch a token itself.
      const unknown = ['enable', 'token_url', 'scope', 'client_id', 'client_secret', 'auth_method'];
      const missing = [...unknown.map((name) => `oauth2.${name}`), 'net.io_timeout'];
      return {
        change: { ...change, ...Object.fromEntries(missing.map((name) => [name, undefined])) },
        add: [`Header Authorization Bearer ${await fetchToken(token)}`],
        environment,
      };
    },
  };
};

async function fetchToken(url: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: azure.clientId,
    client_secret: azure.clientSecret,
    scope: 'https://monitor.azure.com/.default',
  });
  const response = await fetch(url, { method: 'POST', body });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

export const sentinelPlugin: MakeProvider = (context) => {
  const { receiver } = sentinelFor(context);
  return {
    ...overHttp(receiver, { problems: () => receiver.violations }),
    changes: () => ({
      change: { Dce_Url: receiver.url, tls: 'off' },
      add: [`auth_url ${receiver.url}${receiver.tokenPath}`],
      environment: { ...azureEnvironment, SENTINEL_TABLE: context.destination.settings.sentinel.table },
    }),
  };
};

export const sumologic: MakeProvider = () => {
  const receiver = new SumoLogicReceiver({ ...secure, code: key });
  return {
    ...overHttp(receiver, {
      // One sample has no time: it gets today's, which is far from the receiver's.
      problems: () => [...receiver.violations, ...none('restamped', receiver.restamped - 1)],
    }),
    changes: () => ({
      change: { Port: String(receiver.port) },
      add: trust,
      environment: { SUMOLOGIC_HOST: host, SUMOLOGIC_CODE: key },
    }),
  };
};

export const datadog: MakeProvider = () => {
  const receiver = new DatadogReceiver({ ...secure, apiKey: key });
  return {
    ...overHttp(receiver, {
      problems: () => [...receiver.violations, ...none('too old', receiver.tooOld)],
    }),
    changes: () => ({
      change: { Host: host, Port: String(receiver.port) },
      add: trust,
      environment: { DD_API_KEY: key },
    }),
  };
};

function newrelicAt(change: (receiver: NewRelicReceiver) => Record<string, string>): Provider {
  const receiver = new NewRelicReceiver({ ...secure, apiKey: key });
  return {
    ...overHttp(receiver, {
      problems: () => [...receiver.integrationErrors, ...none('too old', receiver.tooOld)],
    }),
    changes: () => ({
      change: change(receiver),
      add: trust,
      environment: { NEW_RELIC_HOST: host, NEW_RELIC_LICENSE_KEY: key },
    }),
  };
}

export const newrelic: MakeProvider = () => newrelicAt(({ port }) => ({ Port: String(port) }));

export const newrelicPlugin: MakeProvider = () => {
  const provider = newrelicAt(({ url }) => ({ base_uri: `${url}/log/v1` }));
  // The plugin's timestamp is another, as the stanza says, and it has an order of its own.
  const withoutTime = (log: object): unknown => {
    const kept = Object.entries(log).filter(([name]) => !/^(?:timestamp|plugin\..*)$/.test(name));
    return Object.fromEntries(kept.sort(([one], [other]) => (one < other ? -1 : 1)));
  };
  return {
    ...provider,
    arrived: () => provider.arrived().map((log) => withoutTime(log as object)),
    sees: withoutTime,
  };
};

export const logscale: MakeProvider = () => {
  const receiver = new LogScaleReceiver({ ...secure, token: key });
  return {
    ...overHttp(receiver, { problems: () => receiver.violations }),
    changes: () => ({
      change: { Port: String(receiver.port) },
      add: trust,
      environment: { LOGSCALE_HOST: host, LOGSCALE_INGEST_TOKEN: key },
    }),
  };
};

/** What Elastic's own template for ECS says of the fields that are no keywords. */
const ecsTypes: Readonly<Record<string, FieldType>> = {
  message: 'text',
  ...typed('ip', 'source.ip destination.ip observer.ip related.ip'),
  ...typed('long', 'event.severity file.size source.bytes source.port destination.bytes destination.port'),
  ...typed('date', 'event.start event.end file.created file.mtime'),
  ...typed('keyword', 'event.code event.id event.action event.category event.type event.outcome'),
  ...typed('keyword', 'user.id user.name file.name file.path log.level related.user related.hosts'),
  ...typed('object', 'event file user source destination observer related labels ecs log'),
};

function typed(type: FieldType, names: string): Record<string, FieldType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

export const elasticsearch: MakeProvider = () => {
  const receiver = new ElasticsearchReceiver({
    ...secure,
    authorization: `Basic ${Buffer.from(`siem:${key}`).toString('base64')}`,
    mapping: ecsTypes,
  });
  return {
    ...overHttp(receiver, { packs: false }),
    changes: () => ({
      add: trust,
      environment: {
        ELASTICSEARCH_HOST: host,
        ELASTICSEARCH_PORT: String(receiver.port),
        ELASTICSEARCH_USER: 'siem',
        ELASTICSEARCH_PASSWORD: key,
      },
    }),
  };
};

/** The same receiver for one object a line. */
class LinesReceiver extends JsonReceiver {
  protected override admit(request: HttpRequest): Answer | undefined {
    // Fluent Bit 1.8 calls them application/json as well.
    const type = request.headers['content-type']?.replace('x-ndjson', 'json');
    return super.admit({ ...request, headers: { ...request.headers, 'content-type': type } });
  }

  protected override read(text: string): readonly unknown[] | undefined {
    return text.split('\n').filter(Boolean).map(tryParseJson);
  }
}

const authorization = `Bearer ${key}`;

function genericTo(receiver: JsonReceiver, change: Record<string, string> = {}): Provider {
  return {
    ...overHttp(receiver),
    changes: () => ({
      change,
      add: trust,
      environment: {
        SIEM_HTTP_HOST: host,
        SIEM_HTTP_PORT: String(receiver.port),
        SIEM_HTTP_URI: '/in',
        SIEM_HTTP_AUTHORIZATION: authorization,
      },
    }),
  };
}

export const jsonArrays: MakeProvider = () => genericTo(new JsonReceiver(authorization, secure));

export const jsonLines: MakeProvider = () =>
  genericTo(new LinesReceiver(authorization, secure), { Format: 'json_lines' });

/** Files by tag; `read` makes an event of a line. */
function filesIn(
  { folder, destination }: Context,
  read: (line: string) => unknown,
): Pick<Provider, 'arrived' | 'problems'> {
  const path = join(folder, 'var', 'files');
  const name = new RegExp(`^siem\\.${destination.settings.name}\\.(.+)\\.\\d+-[0-9a-f]+-\\d+$`);
  const linesOf = (file: string): string[] => readFileSync(join(path, file), 'utf8').split('\n').slice(0, -1);
  return {
    arrived: () =>
      (existsSync(path) ? readdirSync(path) : []).flatMap((file) => {
        const [, tag] = name.exec(file) ?? [];
        return tag === undefined ? [] : linesOf(file).map((line) => ({ tag, event: read(line) }));
      }),
    problems: () => [],
  };
}

export const jsonFiles: MakeProvider = (context) => ({
  ...filesIn(context, tryParseJson),
  changes: () => ({}),
  sees: (event, tag) => ({ tag, event }),
});

export const csvFiles: MakeProvider = (context) => ({
  ...filesIn(context, (line) => line),
  changes: () => ({ change: { Format: 'template' }, add: ['Template {message}'] }),
  sees: ({ message }, tag) => ({ tag, event: message }),
});

/** From this version on a line that has a syslog header goes as it is; before, each gets Fluent Bit's own. */
export const keepsHeader = '2.2';

export const syslog =
  (transport: SyslogReceiverOptions['transport']): MakeProvider =>
  ({ isSince }) => {
    const keeps = isSince(keepsHeader);
    const header = keeps
      ? ({ format: 'rfc5424' } as const)
      : ({ format: 'rfc3164', mayLackHost: true } as const);
    const receiver = new SyslogReceiver({ transport, tls: certificate, ...header });
    const isTls = transport === 'tls';
    return {
      receiver,
      changes: () => ({
        change: { Mode: transport, tls: isTls ? 'on' : 'off' },
        add: isTls ? trust : [],
        environment: { SYSLOG_HOST: host, SYSLOG_PORT: String(receiver.port) },
      }),
      arrived: () => (keeps ? receiver.messages.map(({ text }) => text) : receiver.lines),
      sees: ({ message }) => message,
      problems: () => receiver.violations,
    };
  };
