import type { ApiKeyId, Instant } from '../kernel/ids.ts';
import type { ApiKey } from './api-key.ts';

export interface ApiKeyRepository {
  lookup(id: ApiKeyId): Promise<ApiKey | undefined>;
  /** Locked until the unit of work ends. */
  lock(id: ApiKeyId): Promise<ApiKey | undefined>;
  /** Those that are neither revoked nor expired, the newest first; at most `limit`. */
  list(now: Instant, limit: number): Promise<ApiKey[]>;
  add(key: ApiKey): Promise<void>;
  /** Writes what a rotation and a revocation change. */
  update(key: ApiKey): Promise<void>;
  /** When each was last used; never goes back. Best effort: a crash may lose the newest. */
  noteUses(uses: ReadonlyMap<ApiKeyId, Instant>): Promise<void>;
}
