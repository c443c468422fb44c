import type { AdminRank } from '@coucou/domain/users/administration';
import type { Authority } from '../kernel/call.ts';

/** A server of the account does what an admin may: a key that leaks makes nobody an owner. */
export const rankOf = (authority: Authority): AdminRank => {
  if (authority.by === 'person') return authority.role;
  return authority.by === 'operator' ? 'owner' : 'admin';
};
