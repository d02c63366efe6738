import { createHmac } from 'node:crypto';
import { isEmpty } from '../empty.ts';
import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const hash: MappingFunction = {
  name: 'hash',
  description:
    'A pseudonym of a value: the HMAC-SHA256 of its text with a secret, in hex. The same value gives the same pseudonym; ' +
    'without the secret nobody can find the value by trying. The secret comes from the environment or a file.',
  parameters: [{ name: 'value' }, { name: 'secret', kind: 'secret' }],
  example: {
    args: ['john.doe', 'key'],
    result: '304772e69b77875443d1f8efc9266923a226e8417c3f908ec4e98e74456c877b',
  },
  call: (value, secret) =>
    isEmpty(value)
      ? undefined
      : createHmac('sha256', String(secret))
          .update(toText(value) ?? '')
          .digest('hex'),
};
