import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { Invite } from '@coucou/domain/conversations/invite';
import { Relations } from '@coucou/domain/users/relations';
import type { User } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { RateLimiter } from '../ports/rate-limiter.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { findInvite } from './find-invite.ts';
import { limitGuesses } from './guess-limit.ts';
import { Bans, Conversations, Invites } from './repositories.ts';

export type InvitePreview = Readonly<{ invite: Invite; conversation: Conversation; inviter: User | undefined; isMember: boolean }>;

export const previewInvite = useCase({
  name: 'invites.preview',
  deps: {
    uow: unitOfWork({ conversations: Conversations, relations: UserRelations, users: Users, invites: Invites, bans: Bans }),
    clock: Clock,
    limiter: RateLimiter,
  },
  run: ({ uow, clock, limiter }, { code }: Readonly<{ code: string }>, call) =>
    limitGuesses(limiter, call, () =>
      uow.read(call.account, async (tx): Promise<InvitePreview> => {
        const { invite, conversation, rows } = await findInvite(tx, code, call.actor.userId, clock.now(), (id) =>
          tx.conversations.lookup(id),
        );
        const isMember = rows.some((row) => row.leftAt === undefined);
        // Members pass despite a block, but see no more of the inviter than elsewhere.
        const standing = (await tx.relations.standings(call.actor.userId, [invite.createdBy])).get(invite.createdBy);
        const isShown = Relations.allows('profile', standing ?? Relations.strangers);
        return { invite, conversation, inviter: isShown ? await tx.users.lookup(invite.createdBy) : undefined, isMember };
      }),
    ),
});
