import { login } from '@coucou/application/auth/login';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { Authenticated } from '@coucou/contracts/auth/session';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { authErrors } from '@coucou/domain/auth/session';
import { ChatError } from '@coucou/domain/kernel/errors';
import { userErrors } from '@coucou/domain/users/user';
import { presentAuthenticated } from '@coucou/features/auth/presenters';
import { z } from 'zod';
import type { Container } from '../composition/container.ts';
import type { FindDemoPeople } from './password-check.ts';
import { people, seedPassword } from './people.ts';

const listPeople = operation({
  name: 'dev.people',
  summary: 'The demo people of this server.',
  http: { method: 'GET', path: '/people', status: 200 },
  access: 'public',
  input: z.strictObject({}),
  output: z.object({ items: z.array(z.object({ username: z.string(), displayName: z.string() })) }),
  errors: [],
});

const signIn = operation({
  name: 'dev.signIn',
  summary: 'Sign in as one of the demo people.',
  http: { method: 'POST', path: '/sign-in', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ username: z.string().max(100) }),
  output: Authenticated,
  errors: ['USER_NOT_FOUND', 'USER_SUSPENDED'],
});

/** Conveniences of development, mounted below `/dev`: they are no part of the contract, and only requests of this machine reach them. */
export function demoOperations(container: Container, findPeople: FindDemoPeople): readonly ReadyOperation<Operation>[] {
  const loginPorts = container.portsOf(login.deps);
  const answer = (body: unknown) => ({ body, existing: false });
  return [
    {
      operation: listPeople,
      async run(_input, { account }) {
        const found = await findPeople(account);
        return answer({ items: found.map(({ username, displayName }) => ({ username, displayName })) });
      },
    },
    {
      operation: signIn,
      async run(input, call) {
        const { username } = input as z.infer<typeof signIn.input>;
        const name = people.find((each) => each === username);
        if (name === undefined) throw userErrors.USER_NOT_FOUND();
        try {
          return answer(presentAuthenticated(await login.run(loginPorts, { username: name, password: seedPassword(name) }, call)));
        } catch (error) {
          // Somebody else's username, or nobody's.
          if (error instanceof ChatError && error.code === authErrors.INVALID_CREDENTIALS.code) throw userErrors.USER_NOT_FOUND();
          throw error;
        }
      },
    },
  ];
}
