import { useCase } from '../kernel/use-case.ts';
import { PresenceRegistry } from '../ports/presence.ts';
import { FriendReader } from './friend-reader.ts';

export const listFriends = useCase({
  name: 'friends.list',
  deps: { reader: FriendReader, registry: PresenceRegistry },
  async run({ reader, registry }, input: Readonly<{ limit: number; cursor?: string | undefined }>, { account, actor }) {
    const { items, nextCursor } = await reader.list(account, actor.userId, { limit: input.limit, cursor: input.cursor });
    const present = await registry.of(
      account,
      items.map(({ user }) => user.id),
    );
    return { items: items.map((friend) => ({ ...friend, devices: present.get(friend.user.id) ?? [] })), nextCursor };
  },
});
