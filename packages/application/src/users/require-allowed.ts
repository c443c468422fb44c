import type { UserId } from '@coucou/domain/kernel/ids';
import { Relations, type Surface } from '@coucou/domain/users/relations';
import type { Repositories } from '../ports/unit-of-work.ts';

/** Throws `USER_NOT_FOUND` unless this person may reach all of these on this surface. Who does not exist passes: others look for that. */
export async function requireAllowed(tx: Repositories, surface: Surface, actor: UserId, userIds: readonly UserId[]): Promise<void> {
  const others = userIds.filter((id) => id !== actor);
  if (others.length === 0) return;
  for (const standing of (await tx.relations.standings(actor, others)).values()) Relations.requireAllowed(surface, standing);
}
