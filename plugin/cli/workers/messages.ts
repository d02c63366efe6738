import type { Drained } from '../../delivery/measures.ts';
import type { SeenRecord } from '../../delivery/seen-records.ts';
import type { Pem } from '../../mapping/pem.ts';
import type { LostRequests } from '../../telemetry/lost-requests.ts';
import type { Snapshot } from '../config-files.ts';

/** What a worker counted since it last said so. */
export interface Counted {
  readonly destinations: Readonly<Record<string, Drained>>;
  /** Requests that no destination counts. */
  readonly lost: LostRequests;
}

/** What a worker tells the primary. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'configured'; readonly error: string | undefined }
  | { readonly kind: 'took'; readonly connection: number }
  | { readonly kind: 'closed' }
  | ({ readonly kind: 'counted'; readonly asked: boolean } & Counted)
  | { readonly kind: 'remember'; readonly key: string; readonly acked: readonly number[] }
  | { readonly kind: 'take'; readonly key: string }
  | { readonly kind: 'seen'; readonly records: readonly SeenRecord[] };

/** A gate that lets no batch in for so many milliseconds, but expired ones. */
export interface ShutGate {
  readonly destination: string;
  readonly why: string;
  readonly milliseconds: number;
}

/** What the primary tells a worker, a configuration before all else. `connection` comes with a socket. */
export type FromPrimary =
  | { readonly kind: 'configuration'; readonly snapshot: Snapshot }
  | { readonly kind: 'connection'; readonly connection: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'look' }
  | { readonly kind: 'certificate'; readonly pem: Pem }
  | { readonly kind: 'shut'; readonly gates: readonly ShutGate[] }
  | { readonly kind: 'remembered'; readonly key: string }
  | { readonly kind: 'taken'; readonly key: string; readonly acked: readonly number[] | undefined }
  | { readonly kind: 'stop' };

/** How a worker knows that it is one, its number, and the unix socket of the primary. */
export const workerVariables = {
  number: 'FLUENT_BIT_SIEM_WORKER',
  primary: 'FLUENT_BIT_SIEM_PRIMARY',
} as const;
