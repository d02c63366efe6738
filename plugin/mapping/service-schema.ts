import { addressSchema, forwardSchema } from './forward-schema.ts';

const path = { type: 'string', minLength: 1 };
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

/** `service:` */
export const serviceSchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    listen: {
      ...addressSchema,
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
        cert: { ...path, description: 'Path of the certificate in PEM, relative to this file.' },
        key: { ...path, description: 'Path of its key, without a passphrase.' },
        ca: { ...path, description: 'Path of an authority: clients must show a certificate of its.' },
      },
    },
    workers: {
      description: 'Processes that map, at most one a CPU core; 1 if not said. --workers overrides.',
      type: 'integer',
      minimum: 1,
      maximum: mostWorkers,
    },
    forward: {
      ...forwardSchema,
      description: `${forwardSchema.description} FLUENT_BIT_SIEM_FORWARD overrides its address.`,
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
};
