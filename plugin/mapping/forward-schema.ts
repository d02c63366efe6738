/** An address, as `parseAddress` reads it. */
export const addressSchema = {
  description: 'host:port, or unix:/path of a socket.',
  type: 'string',
  minLength: 1,
};

/** `forward:`, of the service or of one destination. */
export const forwardSchema = {
  description: "Fluent Bit's [INPUT] forward: an address, or an object when it asks for a shared key.",
  type: ['string', 'object'],
  minLength: 1,
  additionalProperties: false,
  required: ['address'],
  properties: {
    address: addressSchema,
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
