import type { Invite } from './invite.ts';

/** Invites of the unit of work's account. A use is counted under the lock of the invite's conversation. */
export interface InviteRepository {
  add(invite: Invite): Promise<void>;
  /** Whatever became of it. */
  lookup(code: string): Promise<Invite | undefined>;
  /** Writes uses and revocation. */
  update(invite: Invite): Promise<void>;
}
