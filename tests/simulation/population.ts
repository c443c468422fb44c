import { AccessTokens } from '@coucou/application/ports/tokens';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { Session } from '@coucou/domain/auth/session';
import { Conversation } from '@coucou/domain/conversations/conversation';
import { asId, type AccountId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { createIds } from '@coucou/runtime/ids';
import type { Container } from '@coucou/server/composition/container';
import { everyRepository } from '../support/repositories.ts';
import type { SimulatedPerson } from './device.ts';

export type Population = Readonly<{ people: readonly SimulatedPerson[]; groups: readonly string[] }>;

/** An account of people who are signed in, and groups of all of them; the first person owns them. */
export async function populate(container: Container, people: number, groups: number): Promise<Population> {
  const ids = createIds();
  const uow = everyRepository(container.resolve(Transactions));
  const tokens = container.resolve(AccessTokens);
  const now = new Date();
  const accountId = ids.next() as string as AccountId;
  await uow.system('accounts', (tx) => tx.addAccount({ id: accountId, name: 'Simulated', clientKey: accountId, createdAt: now }));
  const userIds = Array.from({ length: people }, () => ids.next<'user'>());
  const sessions = userIds.map((userId) =>
    Session.open({
      accountId,
      id: ids.next<'session'>(),
      userId,
      method: 'password',
      ip: '192.0.2.1',
      userAgent: 'simulated',
      tokenHash: '',
      keyThumbprint: undefined,
      now,
      lifetimes: { ttlSeconds: 604_800 },
    }),
  );
  await uow.write(accountId, async (tx) => {
    for (const [at, id] of userIds.entries()) {
      const username = `person-${at + 1}`;
      await tx.users.add(User.signUp({ accountId, id, username, email: `${username}@example.com`, displayName: username, now }), 'no hash');
    }
    for (const session of sessions) await tx.sessions.add(session);
  });
  const [owner, ...memberIds] = userIds as [UserId, ...UserId[]];
  const groupIds = Array.from({ length: groups }, () => ids.next<'conversation'>());
  for (const id of groupIds)
    await uow.write(accountId, async (tx) => void (await tx.conversations.add(groupOf(accountId, id, owner, memberIds))));
  const signedIn: SimulatedPerson[] = [];
  for (const { userId, id, rotation } of sessions) {
    const { token } = await tokens.issue({ account: accountId, actor: { userId, sessionId: asId(id) }, rotation });
    signedIn.push({ id: userId, token });
  }
  return { people: signedIn, groups: groupIds };
}

const groupOf = (accountId: AccountId, id: ConversationId, createdBy: UserId, memberIds: readonly UserId[]) =>
  Conversation.createGroup({
    accountId,
    id,
    createdBy,
    now: new Date(),
    title: 'A group',
    visibility: 'private',
    memberIds,
    settings: undefined,
  });
