import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { csrf } from '@coucou/application/auth/csrf';
import { forgetExpired, forgetLinks, forgetRevoked } from '@coucou/application/auth/forget-expired';
import * as guests from '@coucou/application/auth/guests';
import { login } from '@coucou/application/auth/login';
import { me } from '@coucou/application/auth/me';
import { passwordHint } from '@coucou/application/auth/password-hint';
import { refresh } from '@coucou/application/auth/refresh';
import { Claims, Credentials, Sessions } from '@coucou/application/auth/repositories';
import * as sessions from '@coucou/application/auth/sessions';
import { signup } from '@coucou/application/auth/signup';
import { bind, bindCached } from '@coucou/application/kernel/operation';
import { csrf as csrfContract } from '@coucou/contracts/auth/csrf';
import * as guestContracts from '@coucou/contracts/auth/guests';
import { login as loginContract } from '@coucou/contracts/auth/login';
import { UserReader } from '@coucou/application/users/user-reader';
import { me as meContract } from '@coucou/contracts/auth/me';
import { passwordHint as passwordHintContract } from '@coucou/contracts/auth/passwords';
import { refresh as refreshContract } from '@coucou/contracts/auth/refresh';
import * as sessionContracts from '@coucou/contracts/auth/sessions';
import { signup as signupContract } from '@coucou/contracts/auth/signup';
import { accountErrors } from '@coucou/domain/accounts/account';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import { authErrors } from '@coucou/domain/auth/session';
import { createAccountRepository } from '@coucou/postgres/accounts/account-repository';
import { createClaimRepository } from '@coucou/postgres/auth/claim-repository';
import { createSessionRepository } from '@coucou/postgres/auth/session-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { createCredentialRepository } from '@coucou/postgres/users/credential-repository';
import { guestErrors } from '@coucou/domain/users/user';
import { feature } from '../feature.ts';
import { presentOwnUser } from '../users/presenters.ts';
import { accessEvents } from './events.ts';
import { presentAuthenticated, presentMe, presentPasswordHint, presentRefreshed, presentSessions } from './presenters.ts';
import { sessionSettings } from './settings.ts';

export const authFeature = feature({
  name: 'auth',
  operations: [
    bind(signupContract, signup, presentAuthenticated),
    bind(guestContracts.guest, guests.guest, presentAuthenticated),
    bind(guestContracts.upgradeGuest, guests.upgradeGuest, presentOwnUser),
    bind(passwordHintContract, passwordHint, presentPasswordHint),
    bind(loginContract, login, presentAuthenticated),
    bind(refreshContract, refresh, presentRefreshed),
    bind(csrfContract, csrf, ({ token }) => ({ token })),
    bindCached(bind(meContract, me, presentMe), { users: UserReader }, ({ users }, _input, { account, actor }) =>
      users.validateOwn(account, actor.userId, actor.sessionId),
    ),
    bind(sessionContracts.listSessions, sessions.listSessions, presentSessions),
    bind(sessionContracts.revokeSession, sessions.revokeSession, () => {}),
    bind(sessionContracts.revokeOtherSessions, sessions.revokeOtherSessions, ({ revoked }) => ({ revoked })),
    bind(sessionContracts.logout, sessions.logout, () => {}),
    bind(sessionContracts.logoutAll, sessions.logoutAll, () => {}),
  ],
  auditActions: [authActions],
  errors: [authErrors, boundSessionErrors, accountErrors, guestErrors],
  events: accessEvents,
  settings: sessionSettings,
  jobs: [forgetExpired, forgetLinks, forgetRevoked],
  storage: {
    repositories: [
      repository(OwnAccounts, createAccountRepository),
      repository(Sessions, createSessionRepository),
      repository(Claims, createClaimRepository),
      repository(Credentials, createCredentialRepository),
    ],
  },
});
