import { deliverSchema } from './deliver-schema.ts';
import { formatNames } from './format-settings.ts';
import { forwardSchema } from './forward-schema.ts';
import { mappingSchema } from './mapping-schema.ts';

const value = { type: mappingSchema.properties.time.type };
const fields = { type: ['object', 'null'], additionalProperties: value };

/** A destination. */
export const destinationSchema = {
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
          description: 'What stands between attributes: a character, or hex as x5E or 0x09; tab if not said.',
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
    forward: forwardSchema,
    deliver: deliverSchema,
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
};
