import { formatNames } from './format-settings.ts';
import { mappingSchema } from './mapping-schema.ts';

const address = {
  description: 'host:port, or unix:/path of a socket.',
  type: 'string',
  minLength: 1,
};

const forward = {
  description: "Fluent Bit's [INPUT] forward: an address, or an object when it asks for a shared key.",
  type: ['string', 'object'],
  minLength: 1,
  additionalProperties: false,
  required: ['address'],
  properties: {
    address,
    shared_key: { description: 'Shared_Key of the input.', type: 'string', minLength: 1 },
    username: { description: 'A name of Security.Users.', type: 'string', minLength: 1 },
    password: { type: 'string', minLength: 1 },
    ack_timeout: { description: 'How long an acknowledgement may take, for example 30s.', type: 'string' },
    storage_path: {
      description:
        'storage.path of that Fluent Bit, where it is on this machine: while it has less free than storage_free, records are answered 503. For 1.8, which loses what it acknowledges on a full disk.',
      type: 'string',
      pattern: '^/',
    },
    storage_free: {
      description: 'What is to stay free there; 200MB.',
      type: ['string', 'integer'],
    },
  },
};

const value = { type: mappingSchema.properties.time.type };
const fields = { type: ['object', 'null'], additionalProperties: value };

const duration = { type: 'string', minLength: 1 };
const pem = { type: 'string', minLength: 1 };

const deliver = {
  description:
    'The gate: the service delivers to the SIEM itself, and Fluent Bit keeps what the SIEM does not take.',
  type: 'object',
  additionalProperties: false,
  required: ['to'],
  properties: {
    to: { description: 'https URL; plain http for this machine only.', type: 'string', minLength: 1 },
    headers: {
      description: 'Headers of each request, credentials among them.',
      type: ['object', 'null'],
      additionalProperties: { type: 'string' },
    },
    body: {
      description:
        "How a request's records stand in it: array, lines, or bulk (Elasticsearch); what the format's provider takes if not said.",
      enum: ['array', 'lines', 'bulk'],
    },
    compress: { description: 'gzip; true if not said.', type: 'boolean' },
    timeout: { ...duration, description: 'For the whole answer; 30s.' },
    connections: { description: 'Most requests at a time; 4.', type: 'integer', minimum: 1, maximum: 256 },
    retry: {
      description: 'When a SIEM that fails is tried again.',
      type: 'object',
      additionalProperties: false,
      // Not written as an object: one with `then` would pass for a promise.
      properties: Object.fromEntries([
        ['every', { ...duration, description: 'At first so often; 60s.' }],
        ['for', { ...duration, description: 'For so long; 5m.' }],
        ['then', { ...duration, description: 'And so often after that; 15m.' }],
      ]),
    },
    retention: {
      ...duration,
      description: 'How long after the service took it a record may still be sent; 7d.',
    },
    oldest_event: {
      ...duration,
      description:
        "How old an event's own time may be; Datadog 18h, New Relic 48h, Sumo Logic 365d if not said.",
    },
    newest_event: {
      ...duration,
      description: 'How far ahead it may be; Datadog 2h, Sumo Logic 48h if not said.',
    },
    when_older: {
      description:
        'restamp (sent with the time of sending, its own beside it; the default), send (as it is), or dead-letter.',
      enum: ['restamp', 'send', 'dead-letter'],
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ca: {
          ...pem,
          description: "Certificates of an authority of your own, beside the usual ones: '${file:ca.pem}'.",
        },
        cert: { ...pem, description: 'Client certificate.' },
        key: { ...pem, description: 'Its key.' },
      },
    },
    oauth2: {
      description:
        'Client credentials, for Sentinel: a bearer token is fetched, and again when it is refused.',
      type: 'object',
      additionalProperties: false,
      required: ['token_url', 'client_id', 'client_secret'],
      properties: {
        token_url: { type: 'string', minLength: 1 },
        client_id: { type: 'string', minLength: 1 },
        client_secret: { type: 'string', minLength: 1 },
        scope: { type: 'string', minLength: 1 },
      },
    },
  },
};

const secrets = {
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1 },
};
const credentials = {
  type: 'object',
  additionalProperties: false,
  properties: {
    token: {
      ...secrets,
      description: "A bearer token, '${NAME}' or '${file:PATH}', or a list: any of them.",
    },
    username: { description: 'For basic authentication.', type: 'string', minLength: 1 },
    password: { ...secrets, description: 'The same way as a token.' },
  },
};

/** More has no use, and a slip of the pen could start thousands. */
export const mostWorkers = 64;

/** It is for looking at some, not for keeping them. */
const mostSeen = 100;

/** `destinations.yaml`. */
export const destinationsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fluent-bit-siem destinations',
  type: 'object',
  additionalProperties: false,
  required: ['destinations'],
  properties: {
    service: {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        listen: {
          ...address,
          description: 'host:port the service listens on; FLUENT_BIT_SIEM_LISTEN overrides.',
        },
        auth: {
          description:
            'Who may do what; what is not named is open. All three are needed to listen beyond this machine.',
          type: 'object',
          additionalProperties: false,
          properties: {
            map: { ...credentials, description: '/map: the collectors.' },
            deliver: { ...credentials, description: '/deliver: the Fluent Bit that delivers.' },
            admin: {
              ...credentials,
              description:
                '/destinations, /metrics and all else; /health and /ready need none. Commands use the first.',
            },
          },
        },
        tls: {
          description: 'https. The files are read again when they change, and on SIGHUP.',
          type: 'object',
          additionalProperties: false,
          required: ['cert', 'key'],
          properties: {
            cert: { ...pem, description: 'Path of the certificate in PEM, relative to this file.' },
            key: { ...pem, description: 'Path of its key, without a passphrase.' },
            ca: { ...pem, description: 'Path of an authority: clients must show a certificate of its.' },
          },
        },
        workers: {
          description: 'Processes that map, at most one a CPU core; 1 if not said. --workers overrides.',
          type: 'integer',
          minimum: 1,
          maximum: mostWorkers,
        },
        forward: {
          ...forward,
          description: `${forward.description} FLUENT_BIT_SIEM_FORWARD overrides its address.`,
        },
        watch: {
          description:
            'Whether changed files are taken over within seconds; true if not said. --no-watch overrides; SIGHUP always does it.',
          type: 'boolean',
        },
        keep_seen: {
          description:
            "How many of the last records are kept in memory for the web page's workbench, each at most 64 KiB and all 1 MiB; 0 (none) if not said, for records are private.",
          type: 'integer',
          minimum: 0,
          maximum: mostSeen,
        },
        state: {
          description:
            'File that keeps which destinations are paused, relative to this one; /var/lib/fluent-bit-siem/state.json. FLUENT_BIT_SIEM_STATE overrides.',
          type: 'string',
          minLength: 1,
        },
        dead_letters: {
          description:
            'File that outputs/dead-letter.conf writes, relative to this one: with it the web page shows dead letters and puts them back on their way.',
          type: 'string',
          minLength: 1,
        },
        body_limit: {
          description: 'Largest request body, unpacked, for example 64MB.',
          type: ['string', 'integer'],
        },
        in_flight: {
          description:
            'How much of request bodies may be under way at a time, in each process, as received and once more unpacked; 64MiB. What is more is answered 503.',
          type: ['string', 'integer'],
        },
      },
    },
    functions: {
      description:
        'A JavaScript module of your own, relative to this file: mappings may call what it exports.',
      type: 'string',
      minLength: 1,
    },
    destinations: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z0-9][a-z0-9_-]*$' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['format', 'mappings'],
        properties: {
          format: { description: 'What a record becomes.', enum: formatNames },
          device: {
            description: 'Who the event is from, in the CEF or LEEF header.',
            type: 'object',
            additionalProperties: false,
            properties: {
              vendor: { type: 'string', minLength: 1 },
              product: { type: 'string', minLength: 1 },
              version: { type: 'string', minLength: 1 },
            },
          },
          cef: {
            type: 'object',
            additionalProperties: false,
            properties: {
              version: { description: 'CEF version in the header.', enum: [0, 1] },
              mistyped: {
                description:
                  'A value that is not what its key holds: keep (as it is), or move (under the key with Text behind it).',
                enum: ['keep', 'move'],
              },
            },
          },
          leef: {
            type: 'object',
            additionalProperties: false,
            properties: {
              version: { description: "LEEF version: '1.0' or '2.0' (the default).", enum: ['1.0', '2.0'] },
              delimiter: {
                description:
                  'What stands between attributes: a character, or hex as x5E or 0x09; tab if not said.',
                type: 'string',
                minLength: 1,
              },
              keys: {
                description: "translate (the default): well-known CEF keys become LEEF's own.",
                enum: ['translate', 'as-is'],
              },
            },
          },
          syslog: {
            description: 'Puts a syslog header in front of a CEF or LEEF line.',
            type: 'object',
            additionalProperties: false,
            required: ['format'],
            properties: {
              format: { enum: ['rfc5424', 'rfc3164'] },
              facility: {
                description: 'Syslog facility, 0-23; 13 (log audit) if not said.',
                type: 'integer',
                minimum: 0,
                maximum: 23,
              },
              hostname: { description: "The machine's name if not said.", type: 'string', minLength: 1 },
              appname: {
                description: 'fluent-bit-siem if not said; rfc5424 only.',
                type: 'string',
                minLength: 1,
              },
            },
          },
          record_limit: {
            description:
              "Most bytes of one event; the longest values are cut, with a mark. Without it the provider's own limit.",
            type: ['string', 'integer'],
          },
          event: {
            description:
              "What a JSON shape's event holds: mapped (the mapping's keys), record (the record as it came), cef (the CEF line).",
            enum: ['mapped', 'record', 'cef'],
          },
          splunk: {
            description: 'Keys of the HEC envelope; values as in a mapping.',
            type: 'object',
            additionalProperties: false,
            properties: {
              host: value,
              source: { ...value, description: "The record's tag if not said." },
              sourcetype: { ...value, description: '_json if not said; cef with event: cef.' },
              index: value,
              fields: { ...fields, description: 'Indexed fields.' },
            },
          },
          sentinel: {
            type: 'object',
            additionalProperties: false,
            properties: {
              table: {
                description: 'A table of your own, which ends with _CL, or CommonSecurityLog.',
                type: 'string',
              },
            },
          },
          datadog: {
            description: 'Reserved attributes; values as in a mapping.',
            type: 'object',
            additionalProperties: false,
            properties: {
              source: { ...value, description: "ddsource; the first part of the record's tag if not said." },
              service: value,
              hostname: value,
              tags: { ...fields, description: 'ddtags.' },
            },
          },
          newrelic: {
            type: 'object',
            additionalProperties: false,
            properties: {
              attributes: { ...fields, description: 'Further attributes; values as in a mapping.' },
            },
          },
          csv: {
            type: 'object',
            additionalProperties: false,
            properties: {
              columns: {
                description:
                  'time, eventClass, eventName, severity, externalId, or extension keys; one more column holds the rest as JSON.',
                type: 'array',
                minItems: 1,
                uniqueItems: true,
                items: { type: 'string', minLength: 1 },
              },
            },
          },
          mappings: {
            description: 'Mapping files or patterns, relative to this file, tried in this order.',
            type: 'array',
            minItems: 1,
            items: {
              type: ['string', 'object'],
              minLength: 1,
              additionalProperties: false,
              required: ['file'],
              properties: {
                file: { type: 'string', minLength: 1 },
                match: mappingSchema.properties.match,
                time: mappingSchema.properties.time,
                mode: mappingSchema.properties.mode,
                idField: mappingSchema.properties.idField,
                externalId: mappingSchema.properties.externalId,
              },
            },
          },
          unmapped: {
            description: 'drop (counted), or pass: the record as it is; JSON shapes only.',
            enum: ['drop', 'pass'],
          },
          forward,
          deliver,
          batch: {
            description: 'What one request to the SIEM may hold.',
            type: 'object',
            additionalProperties: false,
            properties: {
              records: {
                description: 'At most this many records; 100.',
                type: 'integer',
                minimum: 1,
                maximum: 100000,
              },
              bytes: {
                description: 'At most this many bytes; 1MB, or 900KB where the provider takes 1 MB.',
                type: ['string', 'integer'],
              },
              age: { description: 'Requests within this time share a batch; 60s.', type: 'string' },
              by: {
                description:
                  "tag: only records of one tag share a batch, and it stands in the batch's own: siem.<destination>.<tag>.<batch id>.",
                enum: ['destination', 'tag'],
              },
            },
          },
        },
      },
    },
  },
} as const;
