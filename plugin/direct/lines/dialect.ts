import type { Problems } from '../../compile/event.ts';
import type { Care } from './care.ts';

/** How a text may stand in a line as it is, before anyone has looked at it. */
export type Plain =
  | { readonly kind: 'text' /** Bytes. */; readonly longest: number }
  | { readonly kind: 'digits' }
  | { readonly kind: 'ipv4' }
  /** Never: it is always rendered. */
  | { readonly kind: 'none' };

/**
 * What a text format says to the direct path. Everything that is not plain goes through `render` and `head`, which
 * are the format's own functions: the two paths differ in how they read, not in what they write.
 */
export interface Dialect {
  /**
   * What stands before and after the event's time.
   *
   * @returns undefined when that takes decoded values
   */
  readonly head: (
    eventClass: unknown,
    eventName: unknown,
    severity: unknown,
    problems: Problems,
  ) => readonly [before: string, after: string] | undefined;
  readonly separator: string;
  readonly care: Care;
  /** The name of the record's id, which a mapping may set. */
  readonly externalId: string;
  /** The key as it stands in the line; undefined when the format sets it itself, or can't say it. */
  readonly nameOf: (key: string) => string | undefined;
  readonly plain: (name: string) => Plain;
  /** A text as it stands in the line; undefined when that takes a decoded event. */
  readonly render: (name: string, text: string, problems: Problems) => string | undefined;
  /** Between these it does, epoch milliseconds. */
  readonly earliest: number;
  readonly latest: number;
  /** Whether the format writes a time of the event as a plain number. */
  readonly takesTime: (time: number) => boolean;
}
