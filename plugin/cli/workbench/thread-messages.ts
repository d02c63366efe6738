import type { RenderRequest } from '../../workbench/answer.ts';
import type { Snapshot } from '../config-files.ts';

/** What the thread is started with. */
export interface ThreadStart {
  /** Path of destinations.yaml. */
  readonly config: string;
  /** Its text and those of the mapping files and the functions; no file of secrets. */
  readonly snapshot: Snapshot;
}

/** What the thread is to do. */
export type Job =
  | { readonly kind: 'render'; readonly request: RenderRequest; readonly now: number }
  | { readonly kind: 'import'; readonly text: string; readonly file: string };

/** The thread answers one job after the other; `ready` comes first, once. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly message: string };
