import { publicUseCase } from '@coucou/application/kernel/use-case';
import { bind } from '@coucou/application/kernel/operation';
import { restoreUser, suspendUser } from '@coucou/application/accounts/administer-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { operation } from '@coucou/contracts/kernel/operation';
import { feature } from '@coucou/features/feature';
import { userErrors } from '@coucou/domain/users/user';
import { z } from 'zod';

/** Suspends people in the process under test, as its operator does by the command line. */
export const suspending = feature({
  name: 'suspending',
  operations: [
    bind(
      operation({
        name: 'suspending.set',
        summary: 'Suspends somebody, or lifts it.',
        http: { method: 'POST', path: '/test/suspensions', status: 204 },
        access: 'public',
        input: z.strictObject({ username: z.string(), lift: z.boolean() }),
        errors: ['USER_NOT_FOUND'],
      }),
      publicUseCase({
        name: 'suspending.set',
        deps: suspendUser.deps,
        async run(ports, { username, lift }: Readonly<{ username: string; lift: boolean }>, { account }) {
          const found = await ports.uow.read(account, (tx) => tx.suspensions.findByUsername(username));
          if (found === undefined) throw userErrors.USER_NOT_FOUND();
          await (lift ? restoreUser : suspendUser).run(ports, { userId: found.id }, operatorCall(account));
        },
      }),
      () => {},
    ),
  ],
});
