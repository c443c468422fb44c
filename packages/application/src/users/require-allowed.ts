import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { Surface } from '@coucou/domain/blocks/block-rules';
import { Relations } from '@coucou/domain/users/relations';

/** Throws `USER_NOT_FOUND` unless the actor may reach all of these users on this surface. Unknown users pass: existence is checked elsewhere. */
export async function requireAllowed(
  tx: Readonly<{ relations: RelationRepository }>,
  surface: Surface,
  actor: UserId,
  userIds: readonly UserId[],
): Promise<void> {
  const others = userIds.filter((id) => id !== actor);
  if (others.length === 0) return;
  for (const standing of (await tx.relations.standings(actor, others)).values()) Relations.requireAllowed(surface, standing);
}
