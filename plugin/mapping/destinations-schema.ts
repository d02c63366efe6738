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
  },
};

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
        forward: {
          ...forward,
          description: `${forward.description} FLUENT_BIT_SIEM_FORWARD overrides its address.`,
        },
        body_limit: {
          description: 'Largest request body, unpacked, for example 64MB.',
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
          format: { description: 'What a record becomes.', enum: ['cef', 'leef', 'splunk-hec', 'json'] },
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
            properties: { version: { description: 'CEF version in the header.', enum: [0, 1] } },
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
          splunk: {
            description: 'Fixed keys of the HEC envelope.',
            type: 'object',
            additionalProperties: false,
            properties: {
              host: { type: 'string', minLength: 1 },
              source: { type: 'string', minLength: 1 },
              sourcetype: { type: 'string', minLength: 1 },
              index: { type: 'string', minLength: 1 },
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
              },
            },
          },
          unmapped: {
            description: 'drop (counted), or pass: the record as it is; JSON shapes only.',
            enum: ['drop', 'pass'],
          },
          forward,
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
              bytes: { description: 'At most this many bytes; 1MB.', type: ['string', 'integer'] },
              age: { description: 'Requests within this time share a batch; 60s.', type: 'string' },
            },
          },
        },
      },
    },
  },
} as const;
