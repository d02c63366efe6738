import { expect, test } from 'vitest';
import { compileRedaction } from '../../plugin/delivery/redact.ts';
import { destination } from '../helpers.ts';

const { deliver } = destination(`sumo, deliver: {
  to: 'https://h/receiver/v1/http/ZaVnC4dhaV1abcdef?key=0123456789abcdef',
  headers: { X-Key: 'Splunk 11111111-2222', X-Short: ab },
  oauth2: { token_url: 'https://t/', client_id: id, client_secret: hunter2hunter2 } }`);
const redact = compileRedaction(deliver!);

test.each([
  ['Invalid token 11111111-2222!', 'Invalid token ***!'],
  ['header was Splunk 11111111-2222', 'header was ***'],
  ['no source ZaVnC4dhaV1abcdef', 'no source ***'],
  ['key 0123456789abcdef', 'key ***'],
  ['secret hunter2hunter2 hunter2hunter2', 'secret *** ***'],
  ['nothing about ab, id or receiver', 'nothing about ab, id or receiver'],
])('%s', (text, clean) => {
  expect(redact(text)).toBe(clean);
});
