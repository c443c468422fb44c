import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';

export const Block = z.object({ user: User, createdAt: time }).meta({ id: 'Block' });

const input = z.strictObject({ userId: id('user') });

export const putBlock = operation({
  name: 'blocks.put',
  summary: 'Block a user: friendship and requests end, and neither can reach the other. The blocked user is not notified.',
  http: { method: 'PUT', path: '/blocks/:userId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: ['USER_NOT_FOUND', 'BLOCK_LIMIT_REACHED'],
});

export const deleteBlock = operation({
  name: 'blocks.delete',
  summary: 'Unblock a user; succeeds when there is no block.',
  http: { method: 'DELETE', path: '/blocks/:userId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: [],
});

export const listBlocks = operation({
  name: 'blocks.list',
  summary: 'The users you blocked, newest first.',
  http: { method: 'GET', path: '/blocks', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(Block),
  errors: ['CURSOR_INVALID'],
});
