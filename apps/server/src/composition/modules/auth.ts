import { login } from '@coucou/application/auth/login';
import { me } from '@coucou/application/auth/me';
import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { bind } from '@coucou/application/kernel/module';
import { login as loginContract } from '@coucou/contracts/auth/login';
import { me as meContract } from '@coucou/contracts/auth/me';
import { refresh as refreshContract } from '@coucou/contracts/auth/refresh';
import { signup as signupContract } from '@coucou/contracts/auth/signup';
import { presentAuthenticated, presentMe } from '@coucou/features/auth/presenters';
import type { Module } from '../compose.ts';

export const auth: Module = {
  name: 'auth',
  operations: [
    bind(signupContract, signup, presentAuthenticated),
    bind(loginContract, login, presentAuthenticated),
    bind(refreshContract, refresh, presentAuthenticated),
    bind(meContract, me, presentMe),
  ],
};
