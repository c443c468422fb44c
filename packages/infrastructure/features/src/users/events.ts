import { wired } from '@coucou/application/kernel/event';
import { feedEntryAdded, userUpdated } from '@coucou/application/users/user-events';
import * as wire from '@coucou/contracts/users/events';
import { presentUser } from './presenters.ts';

export const userEvents = [
  wired(
    feedEntryAdded,
    { 'user:event': wire.userEvent },
    { 'user:event': ({ userVersion, kind, payload }, { at }) => ({ at, userVersion, kind, payload }) as never },
  ),
  wired(userUpdated, { 'user:updated': wire.userUpdated }, { 'user:updated': ({ user }, { at }) => ({ at, user: presentUser(user) }) }),
];
