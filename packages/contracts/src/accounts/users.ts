import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { Session } from '../auth/session.ts';
import { email, password, username } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { id, line, page, pageInput, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';

/** Their id at the account's own system. */
export const externalId = line({ min: 1, max: limits.externalId }).meta({ examples: ['customer-4711'] });

export const AdminUser = User.extend({
  suspendedAt: time.optional(),
  mutedUntil: time.optional().meta({ description: 'writes nowhere until then; may be past' }),
  externalId: z
    .string()
    .optional()
    .meta({ description: "their id at the account's own system", examples: ['customer-4711'] }),
}).meta({ id: 'AdminUser' });

const userId = id('user');
const role = z.enum(['owner', 'admin', 'member']);

export const listUsers = operation({
  name: 'admin.listUsers',
  summary: 'The people of the account, by the beginning of a username or display name, or by a whole e-mail address.',
  http: { method: 'GET', path: '/admin/users', status: 200 },
  access: 'admin',
  scope: 'users:read',
  input: z.strictObject({
    q: line({ min: 1, max: limits.email }).optional(),
    role: z.enum(['owner', 'admin', 'member', 'guest']).optional(),
    suspended: z.boolean().optional(),
    ...pageInput,
  }),
  output: page(AdminUser),
  errors: ['CURSOR_INVALID'],
});

export const getUser = operation({
  name: 'admin.getUser',
  summary: 'One person of the account.',
  http: { method: 'GET', path: '/admin/users/:userId', status: 200 },
  access: 'admin',
  scope: 'users:read',
  input: z.strictObject({ userId }),
  output: AdminUser,
  errors: ['USER_NOT_FOUND'],
});

export const createUser = operation({
  name: 'admin.createUser',
  summary: 'Create a person. Admins and API keys make members, owners anybody.',
  http: { method: 'POST', path: '/admin/users', status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({
    username,
    email: email.optional(),
    emailVerified: z.boolean().default(false),
    password: password.optional(),
    displayName: line({ min: 1, max: limits.displayName }).optional(),
    role: role.default('member'),
    externalId: externalId.optional(),
  }),
  output: AdminUser,
  errors: ['USERNAME_TAKEN', 'EMAIL_TAKEN', 'PLAN_LIMIT_REACHED', 'EXTERNAL_ID_TAKEN', 'PASSWORD_TOO_WEAK', 'REAUTHENTICATION_REQUIRED'],
});

export const suspendUser = operation({
  name: 'admin.suspendUser',
  summary: 'Keep somebody out: their tokens are refused and their sockets close. Their sessions are good again when it is lifted.',
  http: { method: 'POST', path: '/admin/users/:userId/suspend', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({ userId }),
  errors: ['USER_NOT_FOUND', 'LAST_OWNER'],
});

export const restoreUser = operation({
  name: 'admin.restoreUser',
  summary: 'Lift a suspension.',
  http: { method: 'POST', path: '/admin/users/:userId/restore', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({ userId }),
  errors: ['USER_NOT_FOUND'],
});

export const setUserRole = operation({
  name: 'admin.setUserRole',
  summary: 'Give somebody another role, for owners. Their sessions end.',
  http: { method: 'PUT', path: '/admin/users/:userId/role', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({ userId, role }),
  output: User,
  errors: ['USER_NOT_FOUND', 'LAST_OWNER', 'CONFLICT', 'REAUTHENTICATION_REQUIRED'],
});

export const listUserSessions = operation({
  name: 'admin.listUserSessions',
  summary: 'The devices that somebody is signed in on, the one used last first.',
  http: { method: 'GET', path: '/admin/users/:userId/sessions', status: 200 },
  access: 'admin',
  scope: 'sessions:read',
  input: z.strictObject({ userId }),
  output: z.object({ items: z.array(Session) }),
  errors: ['USER_NOT_FOUND'],
});

export const revokeUserSession = operation({
  name: 'admin.revokeUserSession',
  summary: 'Sign one device of somebody out.',
  http: { method: 'DELETE', path: '/admin/users/:userId/sessions/:sessionId', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'sessions:write',
  input: z.strictObject({ userId, sessionId: id('session') }),
  errors: ['USER_NOT_FOUND', 'SESSION_NOT_FOUND'],
});

export const revokeUserSessions = operation({
  name: 'admin.revokeUserSessions',
  summary: 'Sign somebody out everywhere.',
  http: { method: 'POST', path: '/admin/users/:userId/sessions/revoke', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'sessions:write',
  input: z.strictObject({ userId }),
  output: z.object({ revoked: z.int().meta({ description: 'how many sessions ended' }) }),
  errors: ['USER_NOT_FOUND'],
});
