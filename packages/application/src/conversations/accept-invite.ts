import { Conversation } from '@coucou/domain/conversations/conversation';
import { Invite } from '@coucou/domain/conversations/invite';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Hooks } from '../ports/hooks.ts';
import { RateLimiter } from '../ports/rate-limiter.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { memberJoins } from './conversation-hooks.ts';
import { ConversationReader } from './conversation-reader.ts';
import { findInvite } from './find-invite.ts';
import { GroupSizes } from './group-sizes.ts';
import { limitGuesses } from './guess-limit.ts';
import { admitCaller } from './join-conversation.ts';
import { readView } from './read-view.ts';
import { Bans, Conversations, Invites } from './repositories.ts';

/** For members no use is counted. A use is counted under the conversation's lock, in the transaction that admits. */
export const acceptInvite = useCase({
  name: 'invites.accept',
  deps: {
    uow: unitOfWork({ conversations: Conversations, invites: Invites, relations: UserRelations, bans: Bans, users: Users }),
    clock: Clock,
    hooks: Hooks,
    limiter: RateLimiter,
    reader: ConversationReader,
    sizes: GroupSizes,
  },
  async run({ uow, clock, hooks, limiter, reader, sizes }, { code }: Readonly<{ code: string }>, call) {
    const { account, actor } = call;
    const { conversation, rows } = await limitGuesses(limiter, call, () =>
      uow.read(account, (tx) => findInvite(tx, code, actor.userId, clock.now(), (id) => tx.conversations.lookup(id))),
    );
    if (rows.every((row) => row.leftAt !== undefined)) {
      await hooks.run(memberJoins, { conversationId: conversation.id, userId: actor.userId }, call);
      await uow.write(account, async (tx) => {
        const now = clock.now();
        const found = await findInvite(tx, code, actor.userId, now, (id) => tx.conversations.lock(id));
        // A concurrent request of theirs already joined.
        if (found.rows.some((row) => row.leftAt === undefined)) return;
        await tx.invites.update(Invite.use(found.invite));
        await admitCaller(tx, Conversation.enter(found.conversation, [actor.userId], found.rows, sizes.mostMembers, now), call);
      });
    }
    return readView(reader, call, conversation.id);
  },
});
