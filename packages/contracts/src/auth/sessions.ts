import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Session } from './session.ts';

export const logout = operation({
  name: 'auth.logout',
  summary: 'End the session of the token; its sockets close.',
  http: { method: 'POST', path: '/auth/logout', status: 204 },
  access: 'user',
  whileUnproven: true,
  refreshCookie: 'clears',
  input: z.strictObject({}),
  errors: [],
});

export const logoutAll = operation({
  name: 'auth.logoutAll',
  summary: 'End all sessions of the signed-in user, this one too.',
  http: { method: 'POST', path: '/auth/logout-all', status: 204 },
  access: 'user',
  whileUnproven: true,
  refreshCookie: 'clears',
  input: z.strictObject({}),
  errors: [],
});

export const listSessions = operation({
  name: 'auth.listSessions',
  summary: 'The devices that the signed-in user is signed in on, the one used last first.',
  http: { method: 'GET', path: '/auth/sessions', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ items: z.array(Session) }),
  errors: [],
});

export const revokeSession = operation({
  name: 'auth.revokeSession',
  summary: 'Sign one device out.',
  http: { method: 'DELETE', path: '/auth/sessions/:sessionId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ sessionId: id('session') }),
  errors: ['SESSION_NOT_FOUND'],
});

export const revokeOtherSessions = operation({
  name: 'auth.revokeOtherSessions',
  summary: 'Sign all other devices out.',
  http: { method: 'POST', path: '/auth/sessions/revoke-others', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ revoked: z.int().meta({ description: 'how many sessions ended' }) }),
  errors: [],
});
