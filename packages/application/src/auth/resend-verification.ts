import { errors } from '@coucou/domain/kernel/errors';
import { useCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail, requireMail } from '../mail/mail-events.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { mailLimitPorts, mayMail } from './mail-limits.ts';

/** Nothing happens for an address that is confirmed, or for nobody's. */
export const resendVerification = useCase({
  name: 'auth.resendVerification',
  deps: { uow: unitOfWork({ users: Users }), ...mailLimitPorts, ...mailPorts },
  async run({ uow, ...given }, _input: Readonly<Record<never, never>>, call) {
    requireMail(given);
    const { userId } = call.actor;
    const { user, credentials } = await uow.read(call.account, async (tx) => ({
      user: await tx.users.lookup(userId),
      credentials: await tx.users.lookupCredentials(userId),
    }));
    if (user === undefined || credentials === undefined) throw errors.UNAUTHENTICATED();
    const { email } = user;
    if (email === undefined || user.emailVerified || !(await mayMail(given, call, 'verifyEmail', email))) return;
    await uow.write(call.account, async (tx) =>
      orderMail(given, tx, { kind: 'verifyEmail', userId, email, version: credentials.securityVersion }),
    );
  },
});
