const duration = { type: 'string', minLength: 1 };
const pem = { type: 'string', minLength: 1 };

/** `deliver:`, the gate of a destination. */
export const deliverSchema = {
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
