import { conversationErrors } from '../conversations/conversation.ts';
import { errors } from '../kernel/errors.ts';
import type { AccountRole, User } from './user.ts';

/** As what somebody administers: owners, and admins and the account's servers. */
export type AdminRank = Extract<AccountRole, 'owner' | 'admin'>;

/** Whether somebody of this role administers the account. */
const administers = (role: AccountRole | undefined): role is AdminRank => role === 'owner' || role === 'admin';

/** Whom each may administer, and which roles they may give: nobody raises anyone to their own rank but an owner. */
const subjects: Readonly<Record<AdminRank, readonly AccountRole[]>> = {
  owner: ['owner', 'admin', 'member', 'guest'],
  admin: ['member', 'guest'],
};

function requireSubject(by: AdminRank, role: AccountRole): void {
  if (!subjects[by].includes(role)) throw errors.FORBIDDEN({ reason: 'for owners of the account' });
}

/** `others`: the owners besides this person who can act. */
function requireOwnerLeft({ role }: Pick<User, 'role'>, others: number): void {
  if (role === 'owner' && others === 0) throw conversationErrors.LAST_OWNER();
}

/** Throws where the role of this person may not become that one. */
function requireRoleChange(by: AdminRank, user: Pick<User, 'role'>, role: AccountRole, others: number): void {
  requireSubject(by, user.role);
  requireSubject(by, role);
  // A guest has nothing to sign in with; they upgrade themselves.
  if (user.role === 'guest') throw errors.CONFLICT({ reason: 'guest' });
  if (role !== 'owner') requireOwnerLeft(user, others);
}

/** Throws where this person may not be kept out. */
function requireSuspension(by: AdminRank, user: Pick<User, 'role'>, others: number): void {
  requireSubject(by, user.role);
  requireOwnerLeft(user, others);
}

export const Administration = { administers, requireSubject, requireRoleChange, requireSuspension };
