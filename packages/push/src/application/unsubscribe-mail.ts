import { publicUseCase } from '@coucou/application/kernel/use-case';
import { openUnsubscribeToken, unsubscribePorts } from '@coucou/application/mail/unsubscribe-token';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { UserPreferences } from '@coucou/application/preferences/repositories';
import { feedEntryAdded } from '@coucou/application/users/user-events';
import { Users } from '@coucou/application/users/repositories';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { defaultPreferences } from '@coucou/domain/preferences/preferences';

/** Of whom the token speaks, whoever posts it. Again, and of somebody who is gone, it does nothing. */
export const unsubscribeFromMail = publicUseCase({
  name: 'notifications.unsubscribe',
  deps: { uow: unitOfWork({ preferences: UserPreferences, users: Users }), ...unsubscribePorts },
  async run({ uow, ...ports }, { token }: Readonly<{ token: string }>) {
    const opened = openUnsubscribeToken(ports, token);
    if (opened === undefined) throw mailErrors.LINK_INVALID();
    const { account, userId } = opened;
    await uow.write(account, async (tx) => {
      await tx.users.lock([userId]);
      if ((await tx.users.lookup(userId)) === undefined) return;
      const before = (await tx.preferences.lookup(userId)) ?? defaultPreferences;
      if (!before.notifications.email) return;
      const preferences = { ...before, notifications: { ...before.notifications, email: false } };
      await tx.preferences.put(userId, preferences);
      tx.emit(feedEntryAdded({ userId, kind: 'preferences.updated', payload: { preferences } }));
    });
  },
});
