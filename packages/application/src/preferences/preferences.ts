import { openedEvent } from '../receipts/receipt-audience.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { UserPreferences } from './repositories.ts';
import { Users } from '../users/repositories.ts';
import type { PreferenceRepository } from '@coucou/domain/preferences/preference-repository';
import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { isSame } from '@coucou/domain/kernel/same';
import { defaultPreferences, opensMarks, type Preferences } from '@coucou/domain/preferences/preferences';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

export const getPreferences = useCase({
  name: 'preferences.get',
  deps: { uow: unitOfWork({ preferences: UserPreferences }) },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account, actor }): Promise<Preferences> =>
    uow.read(account, (tx) => chosen(tx, actor.userId)),
});

const chosen = async (tx: Readonly<{ preferences: PreferenceRepository }>, userId: UserId): Promise<Preferences> =>
  (await tx.preferences.lookup(userId)) ?? defaultPreferences;

/** Takes the place of what was there, as a whole. What is put again is kept as chosen, and told nobody. */
export const putPreferences = useCase({
  name: 'preferences.put',
  deps: { uow: unitOfWork({ preferences: UserPreferences, users: Users }) },
  run: ({ uow }, preferences: Preferences, { account, actor }): Promise<Preferences> =>
    uow.write(account, async (tx) => {
      const { userId } = actor;
      // What was kept from others is news to them. Before the person is locked: conversations come first.
      const opens = opensMarks(await chosen(tx, userId), preferences);
      const opened = opens ? await tx.preferences.openMarks(userId, limits.revealedConversations) : [];
      await tx.users.lock([userId]);
      const before = await chosen(tx, userId);
      await tx.preferences.put(userId, preferences);
      tx.emit(...opened.map(openedEvent));
      if (isSame(preferences, before)) return preferences;
      tx.emit(feedEntryAdded({ userId, kind: 'preferences.updated', payload: { preferences } }));
      return preferences;
    }),
});
