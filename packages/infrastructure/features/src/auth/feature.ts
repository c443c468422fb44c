import { login } from '@coucou/application/auth/login';
import { me } from '@coucou/application/auth/me';
import { refresh } from '@coucou/application/auth/refresh';
import { Sessions } from '@coucou/application/auth/repositories';
import { signup } from '@coucou/application/auth/signup';
import { bind } from '@coucou/application/kernel/operation';
import { login as loginContract } from '@coucou/contracts/auth/login';
import { me as meContract } from '@coucou/contracts/auth/me';
import { refresh as refreshContract } from '@coucou/contracts/auth/refresh';
import { signup as signupContract } from '@coucou/contracts/auth/signup';
import { authErrors } from '@coucou/domain/auth/session';
import { createSessionRepository } from '@coucou/postgres/auth/session-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { sessionSettings } from './settings.ts';
import { presentAuthenticated, presentMe } from './presenters.ts';

export const authFeature = feature({
  name: 'auth',
  operations: [
    bind(signupContract, signup, presentAuthenticated),
    bind(loginContract, login, presentAuthenticated),
    bind(refreshContract, refresh, presentAuthenticated),
    bind(meContract, me, presentMe),
  ],
  errors: [authErrors],
  settings: sessionSettings,
  storage: {
    repositories: [repository(Sessions, createSessionRepository)],
  },
});
