import { BlockRules } from '@coucou/domain/blocks/block-rules';
import { limits } from '@coucou/domain/kernel/limits';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import type { User } from '@coucou/domain/users/user';
import type { CurrentMembers } from '../ports/current-members.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { userUpdated } from './user-events.ts';

/** Tells those who have this person on their screens what they look like now. `shownIn`: conversations whose watchers see them. */
export async function announceProfile(
  tx: Writing<Readonly<{ relations: RelationRepository }>>,
  user: User,
  shownIn: Awaited<ReturnType<CurrentMembers['ofUser']>>,
): Promise<void> {
  const to = await tx.relations.acquaintances(user.id, limits.audience);
  const across = BlockRules.hiddenFrom('profileUpdate', await tx.relations.blockedWith(user.id));
  tx.emit(userUpdated({ user, to, conversationIds: shownIn.map(({ conversationId }) => conversationId), across }));
}
