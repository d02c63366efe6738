// The JSON Schemas of the files a person writes check the shape, feed the "allowed here" hints, and are published as
// `mappings/*.schema.json` (`npm run generate`) so that editors complete keys.

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
    externalId: {
      ...value,
      description: "The record's own id, by which a SIEM tells a repeated event; $recordId if not said.",
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
