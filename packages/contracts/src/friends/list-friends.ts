import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { page, pageInput } from '../kernel/types.ts';
import { Friend } from './friend.ts';

export const listFriends = operation({
  name: 'friends.list',
  summary: 'Your friends and their presence, newest friendship first.',
  http: { method: 'GET', path: '/friends', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(Friend),
  errors: ['CURSOR_INVALID'],
});
