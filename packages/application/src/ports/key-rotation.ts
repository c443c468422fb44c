import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import { token } from '../kernel/token.ts';

export interface KeyRotation {
  /**
   * Another key signs access tokens as soon as every node knows it; what others signed stays good until it expires. `entryOf`: what the audit
   * log says of it, written with the key.
   */
  rotate(entryOf: (kid: string) => AuditEntry): Promise<void>;
}
export const KeyRotation = token<KeyRotation>('KeyRotation');
