import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { batchTime } from './batch-tag.ts';
import { compileAge } from './event-age.ts';
import { type BodyMaker, compileBody } from './request-body.ts';
import { SendError } from './send-error.ts';
import type { Answer } from './sender.ts';
import { judge, type Verdict } from './verdict.ts';

/** What a configuration says of a gate; replaced as a whole. */
export interface GateRules {
  readonly settings: DestinationSettings & { readonly deliver: DeliverSettings };
  readonly isText: boolean;
  /** Sends a body to the SIEM. @throws SendError */
  readonly send: (body: Buffer, contentType: string) => Promise<Answer>;
}

/** The same, and what is decided once for all batches. */
export interface CompiledRules extends GateRules {
  readonly body: BodyMaker;
  readonly age: ReturnType<typeof compileAge>;
}

export function compileRules({ settings, isText, send }: GateRules): CompiledRules {
  const { format, deliver } = settings;
  return {
    settings,
    isText,
    send,
    body: compileBody(deliver.body, isText),
    age: compileAge(format, deliver),
  };
}

/** Sends a body to the SIEM, and says what became of it: for people the outcome is its status, or why there is none. */
export async function ask(
  { settings, send, body: maker }: CompiledRules,
  body: Buffer,
  count: number,
): Promise<{ verdict: Verdict; outcome: string; milliseconds: number }> {
  const began = performance.now();
  const after = (outcome: string, verdict: Verdict) => ({
    verdict,
    outcome,
    milliseconds: performance.now() - began,
  });
  try {
    const answer = await send(body, maker.contentType);
    return after(`${answer.status}`, judge(answer, settings.format, settings.deliver.body, count));
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return after(error.kind, { kind: 'failing', reason: error.message, retryAfter: undefined });
  }
}

/** Whether a batch's time is over: by its first record; its last may be younger by the longest time a batch is open. */
export function isExpired(settings: DestinationSettings, tag: string, now: number): boolean {
  const { deliver, batch } = settings;
  const taken = batchTime(tag);
  return deliver !== undefined && taken !== undefined && now - taken > deliver.retention + batch.age;
}
