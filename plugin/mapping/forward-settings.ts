import { codes } from './diagnostic.ts';
import { readAddress, readDuration, readSize } from './quantities.ts';
import type { PathInFile, SourceFile } from './source.ts';
import type { Address } from './units.ts';

/** How to reach Fluent Bit's [INPUT] forward. */
export interface ForwardSettings {
  readonly address: Address;
  readonly sharedKey: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds an acknowledgement may take. */
  readonly ackTimeout: number;
  /** Its `storage.path` on this machine, and the bytes that are to stay free there. */
  readonly storage: { readonly path: string; readonly free: number } | undefined;
}

/** `forward:` as it is written. */
export type ForwardShape =
  | string
  | {
      address: string;
      shared_key?: string;
      username?: string;
      password?: string;
      ack_timeout?: string;
      storage_path?: string;
      storage_free?: string | number;
    };

const defaultStorageFree = 200_000_000;

/**
 * Reads `forward:`, of the service or of one destination.
 *
 * @param override the address that the environment's FLUENT_BIT_SIEM_FORWARD has in its stead
 */
export function readForward(
  source: SourceFile,
  at: PathInFile,
  content: ForwardShape,
  override?: string,
): ForwardSettings {
  const shape = typeof content === 'string' ? { address: content } : content;
  const addressAt = typeof content === 'string' ? at : [...at, 'address'];
  const variable = override === undefined ? undefined : 'FLUENT_BIT_SIEM_FORWARD';
  if ((shape.username === undefined) !== (shape.password === undefined)) {
    source.error(codes.missingKey, at, 'username and password go together');
  }
  if (shape.username !== undefined && shape.shared_key === undefined) {
    const hint = 'Fluent Bit asks for users only together with a shared key';
    source.error(codes.missingKey, at, "'forward' has a username and no shared_key", hint);
  }
  if (shape.storage_free !== undefined && shape.storage_path === undefined)
    source.error(codes.missingKey, at, "'forward' has storage_free and no storage_path");
  const free = readSize(source, [...at, 'storage_free'], shape.storage_free, defaultStorageFree);
  return {
    address: readAddress(source, addressAt, override ?? shape.address, variable),
    sharedKey: shape.shared_key,
    username: shape.username,
    password: shape.password,
    ackTimeout: readDuration(source, [...at, 'ack_timeout'], shape.ack_timeout, 30_000),
    storage: shape.storage_path === undefined ? undefined : { path: shape.storage_path, free },
  };
}
