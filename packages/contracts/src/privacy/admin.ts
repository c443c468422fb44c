import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Erasure } from './delete.ts';

const input = z.strictObject({ userId: id('user') });

export const exportUser = operation({
  name: 'admin.exportUser',
  summary: 'Download everything that is held of somebody, as they can themselves.',
  http: { method: 'POST', path: '/admin/users/:userId/export', status: 200, file: 'archive' },
  access: 'admin',
  scope: 'users:export',
  input,
  errors: ['USER_NOT_FOUND', 'EXPORT_IN_PROGRESS'],
});

export const deleteUser = operation({
  name: 'admin.deleteUser',
  summary: 'Delete somebody for good. What they said stays in the conversations of others, by a deleted user.',
  http: { method: 'DELETE', path: '/admin/users/:userId', status: 202 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:delete',
  input,
  output: Erasure,
  errors: ['USER_NOT_FOUND', 'LAST_OWNER'],
});

export const getErasure = operation({
  name: 'admin.getErasure',
  summary: 'How far the erasure of somebody is who was deleted.',
  http: { method: 'GET', path: '/admin/users/:userId/erasure', status: 200 },
  access: 'admin',
  scope: 'users:read',
  input,
  output: Erasure,
  errors: ['USER_NOT_FOUND'],
});
