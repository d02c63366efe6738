/**
 * JSON Schemas of the files a person writes. They check the shape, feed the "allowed here" hints, and are
 * published as `mappings/*.schema.json` (`npm run generate`) so that editors complete keys.
 */

const value = {
  description:
    'A literal, a $path, a chain ($a > $b), or a function call ({ call: name, args: [...] }). \\$ at the start is a literal dollar.',
  type: ['string', 'number', 'boolean', 'object', 'array'],
};

const scalar = { type: ['string', 'number', 'boolean', 'null'] };

/** A mapping file. */
export const mappingSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fluent-bit-siem mapping file',
  type: 'object',
  additionalProperties: false,
  required: ['mappings'],
  properties: {
    match: {
      description: 'Fluent Bit tag pattern, as in Match; without it: every tag.',
      type: 'string',
      minLength: 1,
    },
    time: {
      ...value,
      description: "The event's time: epoch seconds or milliseconds, or ISO 8601; when empty, Fluent Bit's.",
    },
    mode: {
      description: 'first: one event for the first mapping that matches; all: one for each.',
      enum: ['first', 'all'],
    },
    idField: {
      description: 'The property that id is compared with; without it: operation, else siemArea.',
      type: 'string',
      minLength: 1,
    },
    shape: {
      description:
        "Keys that tell these records from others: the file also takes a record whose tag fits no file's match when it has all of them.",
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
    },
    mappings: {
      description: 'Tried in this order.',
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'map'],
        properties: {
          id: {
            description: "An operation or SiemArea, a list of them, or '*' for every record.",
            type: ['string', 'number', 'array'],
            minLength: 1,
            minItems: 1,
            items: { type: ['string', 'number'] },
          },
          prefilter: {
            description:
              'property: value, or property: [values]; all must be met. exclude: true filters out what meets them.',
            type: ['object', 'array', 'null'],
            // PHP's empty array is a list; a list with content is a mistake.
            maxItems: 0,
            properties: { exclude: { type: 'boolean' } },
            additionalProperties: { type: ['string', 'number', 'boolean', 'null', 'array'], items: scalar },
          },
          examples: {
            description: 'Records and what they give; validate renders and compares them.',
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['record', 'cef'],
              properties: {
                record: { type: 'object' },
                cef: { description: 'The CEF line from the event class on.', type: 'string' },
              },
            },
          },
          map: {
            type: 'object',
            additionalProperties: false,
            required: ['eventClass', 'eventName', 'severity'],
            properties: {
              eventClass: { ...value, description: 'Class of the event. CEF: event class id; LEEF: cat.' },
              eventName: { ...value, description: 'Name of the event. CEF: name; LEEF: EventID.' },
              severity: {
                ...value,
                description: '1-10 (0 allowed in CEF), a CEF word, or where to find it.',
              },
              extension: {
                description: 'Further keys and values, in the order they are sent.',
                type: ['object', 'array', 'null'],
                maxItems: 0,
                additionalProperties: { ...value, type: [...value.type, 'null'] },
              },
            },
          },
        },
      },
    },
  },
} as const;

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
