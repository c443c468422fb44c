import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { isSame } from '@coucou/domain/kernel/same';
import type { PreferenceRepository } from '@coucou/domain/preferences/preference-repository';
import { defaultPreferences, opensMarks, type Preferences } from '@coucou/domain/preferences/preferences';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { openedEvent } from '../receipts/receipt-audience.ts';
import { Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { UserPreferences } from './repositories.ts';

export const getPreferences = useCase({
  name: 'preferences.get',
  deps: { uow: unitOfWork({ preferences: UserPreferences }) },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account, actor }): Promise<Preferences> =>
    uow.read(account, (tx) => chosen(tx, actor.userId)),
});

const chosen = async (tx: Readonly<{ preferences: PreferenceRepository }>, userId: UserId): Promise<Preferences> =>
  (await tx.preferences.lookup(userId)) ?? defaultPreferences;

/** Replaces the preferences as a whole. Unchanged preferences are stored, and emit nothing. */
export const putPreferences = useCase({
  name: 'preferences.put',
  deps: { uow: unitOfWork({ preferences: UserPreferences, users: Users }) },
  run: ({ uow }, preferences: Preferences, { account, actor }): Promise<Preferences> =>
    uow.write(account, async (tx) => {
      const { userId } = actor;
      // Hidden marks become visible to others. Before the user is locked: conversations are locked first.
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
