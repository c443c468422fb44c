import { isSame } from '@coucou/domain/kernel/same';
import { defaultPreferences, type Preferences } from '@coucou/domain/preferences/preferences';
import { useCase } from '../kernel/use-case.ts';
import { UnitOfWork } from '../ports/unit-of-work.ts';

export const getPreferences = useCase({
  name: 'preferences.get',
  deps: { uow: UnitOfWork },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account, actor }): Promise<Preferences> =>
    uow.read(account, async (tx) => (await tx.preferences.lookup(actor.userId)) ?? defaultPreferences),
});

/** Takes the place of what was there, as a whole. What is put again is kept as chosen, and told nobody. */
export const putPreferences = useCase({
  name: 'preferences.put',
  deps: { uow: UnitOfWork },
  run: ({ uow }, preferences: Preferences, { account, actor }): Promise<Preferences> =>
    uow.write(account, async (tx) => {
      await tx.users.lock([actor.userId]);
      const before = (await tx.preferences.lookup(actor.userId)) ?? defaultPreferences;
      await tx.preferences.put(actor.userId, preferences);
      if (isSame(preferences, before)) return preferences;
      tx.emit({ type: 'user.event', userId: actor.userId, kind: 'preferences.updated', payload: { preferences } });
      return preferences;
    }),
});
