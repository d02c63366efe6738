import { randomUUID } from 'node:crypto';
import { noProblems } from '../compile/event.ts';
import type { Render } from '../format/render.ts';
import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import { toJsonText } from '../mapping/json.ts';
import { compileBody } from './request-body.ts';
import { SendError } from './send-error.ts';
import type { Answer } from './sender.ts';
import { judge } from './verdict.ts';

/** What became of a test event. */
export interface TestResult {
  /** Its id, to look for in the SIEM. */
  readonly id: string;
  readonly taken: boolean;
  /** The SIEM's status; undefined when it could not be reached. */
  readonly status: number | undefined;
  /** The SIEM's own words, or why there are none. */
  readonly answer: string;
}

const longestAnswer = 1000;

/** Sends one marked event the way all others go, and tells what the SIEM said. */
export async function sendTestEvent(
  { format, deliver, isText }: { format: string; deliver: DeliverSettings; isText: boolean },
  render: Render,
  send: (body: Buffer, contentType: string) => Promise<Answer>,
): Promise<TestResult> {
  const id = randomUUID();
  const now = Date.now();
  const message = 'Test event of fluent-bit-siem: if you can read this, delivery works';
  const event = {
    eventClass: 'fluent-bit-siem.test',
    eventName: 'Test event',
    severity: 1,
    extension: [['msg', message] as const],
    time: now,
    tag: 'fluent-bit-siem.test',
    externalId: id,
    record: { time: new Date(now).toISOString(), recordId: id, message },
  };
  const { make, contentType } = compileBody(deliver.body, isText);
  const line = toJsonText(render(event, noProblems()));
  try {
    const answer = await send(make([line]), contentType);
    const taken = judge(answer, format, deliver.body, 1).kind === 'taken';
    return { id, taken, status: answer.status, answer: answer.text.slice(0, longestAnswer).toWellFormed() };
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return { id, taken: false, status: undefined, answer: error.message };
  }
}
