import { destinationSchema } from './destination-schema.ts';
import { serviceSchema } from './service-schema.ts';

/** `destinations.yaml`. */
export const destinationsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fluent-bit-siem destinations',
  type: 'object',
  additionalProperties: false,
  required: ['destinations'],
  properties: {
    service: serviceSchema,
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
      additionalProperties: destinationSchema,
    },
  },
} as const;
