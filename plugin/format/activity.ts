import type { Event } from '../compile/event.ts';
import { plainText } from './content.ts';

/** What happened, in words that ECS and OCSF have names for. */
export type FileActivity =
  | 'upload'
  | 'download'
  | 'preview'
  | 'delete'
  | 'restore'
  | 'rename'
  | 'move'
  | 'copy'
  | 'lock'
  | 'unlock'
  | 'share'
  | 'unshare'
  | 'update'
  | 'open';

export type Activity = 'login' | 'logout' | FileActivity | 'other';

// The first that fits decides: `unlock` is no lock, `remove` no move, `renameormove` a rename.
const logins: readonly [Activity, RegExp][] = [
  ['logout', /log[-_ ]?(?:out|off)|sign[-_ ]?out/],
  ['login', /log[-_ ]?(?:in|on)|sign[-_ ]?in(?!g)|authenticat|sso$/],
];

const files: readonly [Activity, RegExp][] = [
  ['unshare', /unshare|(?:delete|remove|revoke)\w*share/],
  ['share', /share/],
  ['restore', /restore|undelete/],
  ['unlock', /unlock/],
  ['lock', /lock/],
  ['rename', /rename/],
  ['delete', /delet|remov|recycle|purge/],
  ['move', /move/],
  ['copy', /cop(?:y|ied)/],
  ['upload', /upload|creat/],
  ['download', /download|read|stream/],
  ['preview', /preview|view/],
  ['update', /updat|chang|edit|writ/],
  ['open', /open/],
];

/**
 * Tells what an event is about from the words of its action, name and class, in this order. Something happens
 * to a file only where the event names one.
 */
export function activityOf(event: Event): Activity {
  const words = wordsOf(event);
  const hasFile = event.extension.some(([key]) => ['fname', 'filePath', 'fileId'].includes(key));
  return find(logins, words) ?? (hasFile ? find(files, words) : undefined) ?? 'other';
}

function find(rules: readonly [Activity, RegExp][], words: readonly string[]): Activity | undefined {
  for (const word of words) {
    const rule = rules.find(([, pattern]) => pattern.test(word));
    if (rule) return rule[0];
  }
  return undefined;
}

/** Whether it failed, as the event's `outcome` says, else its words; undefined when neither does. */
export function outcomeOf(event: Event): 'success' | 'failure' | undefined {
  const [, value] = event.extension.find(([key]) => key === 'outcome') ?? [];
  const outcome = plainText(value)?.toLowerCase() ?? '';
  if (/^(?:succe|ok|true|1$)/.test(outcome)) return 'success';
  if (/^(?:fail|error|denied|false|0$)/.test(outcome)) return 'failure';
  return wordsOf(event).some((word) => /fail|denied/.test(word)) ? 'failure' : undefined;
}

function wordsOf({ extension, eventName, eventClass }: Event): string[] {
  const [, action] = extension.find(([key]) => key === 'act') ?? [];
  return [action, eventName, eventClass].map((value) => plainText(value)?.toLowerCase() ?? '');
}
