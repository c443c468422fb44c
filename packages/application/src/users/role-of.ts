import type { ExecuteOptions } from '../kernel/execute.ts';
import type { Ports } from '../kernel/token.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from './repositories.ts';

export const rolePorts = { uow: unitOfWork({ users: Users, suspensions: Suspensions }) };

/** Roles as the database has them at the time of the call: who was demoted or suspended administers nothing any more. */
export const createRoleOf =
  ({ uow }: Ports<typeof rolePorts>): ExecuteOptions['roleOf'] =>
  (account, userId) =>
    uow.read(account, async (tx) =>
      (await tx.suspensions.since(userId)) === undefined ? (await tx.users.lookup(userId))?.role : undefined,
    );
