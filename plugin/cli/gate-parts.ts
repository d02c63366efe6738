import type { Logger } from 'pino';
import type { GateParts } from '../delivery/destination.ts';
import { compileRedaction } from '../delivery/redact.ts';
import { Sender } from '../delivery/sender.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { version } from './package-root.ts';

/** What the gate of a destination needs of the world; undefined for a destination without one. */
export function gateParts(
  { name, deliver }: DestinationSettings,
  logger: Logger,
  tracing?: Tracing,
): GateParts | undefined {
  if (!deliver) return undefined;
  const sender = new Sender({ settings: deliver, userAgent: `fluent-bit-siem/${version}` });
  const redact = compileRedaction(deliver);
  const { hostname: host, port, protocol } = new URL(deliver.to);
  const siem = { destination: name, host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  return {
    send: async (body, contentType) => {
      const send = () => sender.send(body, contentType);
      const answer = await (tracing ? tracing.toSiem(siem, send) : send());
      return { ...answer, text: redact(answer.text) };
    },
    close: () => sender.close(),
    onChange: (state, reason) => {
      if (state === 'delivering') logger.info({ destination: name, reason }, 'delivering again');
      else logger.error({ destination: name, reason }, 'the SIEM fails: Fluent Bit keeps what is for it');
    },
  };
}
