import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';

export const Block = z.object({ user: User, createdAt: time }).meta({ id: 'Block' });

const input = z.strictObject({ userId: id('user') });

export const putBlock = operation({
  name: 'blocks.put',
  summary: 'Block someone: friendship and requests end, and neither reaches the other any more. They are not told.',
  http: { method: 'PUT', path: '/blocks/:userId', status: 204 },
  access: 'user',
  input,
  errors: ['USER_NOT_FOUND', 'BLOCK_LIMIT_REACHED'],
});

export const deleteBlock = operation({
  name: 'blocks.delete',
  summary: 'Take a block back; harmless when there is none.',
  http: { method: 'DELETE', path: '/blocks/:userId', status: 204 },
  access: 'user',
  input,
  errors: [],
});

export const listBlocks = operation({
  name: 'blocks.list',
  summary: 'Whom one blocked, the newest first.',
  http: { method: 'GET', path: '/blocks', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(Block),
  errors: ['CURSOR_INVALID'],
});
