import type { FriendSizes as Sizes } from '@coucou/domain/friends/friend-request';
import { token } from '../kernel/token.ts';

export type FriendSizes = Sizes;
export const FriendSizes = token<FriendSizes>('FriendSizes');
