import { publicUseCase } from '@coucou/application/kernel/use-case';
import { bind } from '@coucou/application/kernel/operation';
import { administerPorts, suspendUser } from '@coucou/application/moderation/administer';
import { operation } from '@coucou/contracts/kernel/operation';
import { feature } from '@coucou/features/feature';
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
        deps: administerPorts,
        run: (ports, { username, lift }: Readonly<{ username: string; lift: boolean }>, { account }) =>
          suspendUser(ports, account, username, { lift }),
      }),
      () => {},
    ),
  ],
});
