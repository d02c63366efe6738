import type { Logger } from 'pino';
import type { GateParts } from '../delivery/destination.ts';
import { compileRedaction } from '../delivery/redact.ts';
import { Sender } from '../delivery/sender.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { version } from './package-root.ts';

/** What the gate of a destination needs of the world; undefined for a destination without one. */
export function gateParts({ name, deliver }: DestinationSettings, logger: Logger): GateParts | undefined {
  if (!deliver) return undefined;
  const sender = new Sender({ settings: deliver, userAgent: `fluent-bit-siem/${version}` });
  const redact = compileRedaction(deliver);
  return {
    send: async (body, contentType) => {
      const answer = await sender.send(body, contentType);
      return { ...answer, text: redact(answer.text) };
    },
    close: () => sender.close(),
    onChange: (state, reason) => {
      if (state === 'delivering') logger.info({ destination: name, reason }, 'delivering again');
      else logger.error({ destination: name, reason }, 'the SIEM fails: Fluent Bit keeps what is for it');
    },
  };
}
