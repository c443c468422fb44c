import { type Placed, readNewest } from '@coucou/postgres/kit/newest-page';
import type { SessionPool } from '@coucou/postgres/kit/session';
import type { SavedMessageReader } from '../application/saved-message-repository.ts';
import { type SavedMessageRow, toSavedMessage } from './saved-message-repository.ts';

/** $1 person, $2 and $3 the time and id of the row before, $4 limit. */
const LIST = `
  select s.*, s.saved_at as at, s.message_id as id from saved_message s
  where s.user_id = $1 and s.saved_at is not null and ($2::timestamptz is null or (s.saved_at, s.message_id) < ($2, $3::uuid))
  order by s.saved_at desc, s.message_id desc limit $4`;

export const createSavedMessageReader = (pool: SessionPool): SavedMessageReader => ({
  list: (account, viewer, page) =>
    readNewest<SavedMessageRow & Placed, ReturnType<typeof toSavedMessage>>(
      pool,
      { account, viewer, name: 'saved-messages', text: LIST, toItem: toSavedMessage },
      page,
    ),
});
