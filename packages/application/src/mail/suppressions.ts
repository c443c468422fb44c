import { mailActions } from '@coucou/domain/mail/audit-actions';
import { type BounceKind, MailSuppression, type MailSuppressionId, mailSuppressionErrors } from '@coucou/domain/mail/mail-suppression';
import { User } from '@coucou/domain/users/user';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { job } from '../kernel/job.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { MailSuppressions } from './repositories.ts';
import { MailSuppressionReader } from './suppression-reader.ts';

export const bounceRepositories = { users: Users, suppressions: MailSuppressions };

export type Bounce = Readonly<{ address: string; kind: BounceKind; at: Instant; messageId?: string | undefined }>;

/** Notes what came of mail to an address, whether or not somebody has it. */
export async function noteBounce(
  tx: Ports<typeof bounceRepositories>,
  ids: Ids,
  accountId: AccountId,
  { address, kind, at, messageId }: Bounce,
): Promise<void> {
  const before = await tx.suppressions.lookup(address);
  const user = (await tx.users.lookupByIdentifier(address))?.user;
  const userId = user?.email !== undefined && User.emailKey(user.email) === User.emailKey(address) ? user.id : undefined;
  await tx.suppressions.put(MailSuppression.report(before, { accountId, id: ids.next(), address, userId, kind, at, messageId }));
}

type Reported = Readonly<{ address: string; kind: BounceKind; reportedAt?: string | undefined; messageId?: string | undefined }>;

/** Answers the same for every address: a report is no way to find out who is here. */
export const reportBounce = adminUseCase({
  name: 'admin.reportBounce',
  deps: { uow: unitOfWork(bounceRepositories), clock: Clock, ids: Ids },
  async run({ uow, clock, ids }, { address, kind, reportedAt, messageId }: Reported, { account }) {
    const now = clock.now();
    const said = reportedAt === undefined ? now : new Date(reportedAt);
    // A clock that is ahead would hold mail back for longer.
    const at = said < now ? said : now;
    await uow.write(account, (tx) => noteBounce(tx, ids, account, { address, kind, at, messageId }));
  },
});

type Listed = Readonly<{ address?: string | undefined; limit: number; cursor?: string | undefined }>;

export const listMailSuppressions = adminUseCase({
  name: 'admin.listMailSuppressions',
  deps: { reader: MailSuppressionReader, clock: Clock },
  run: ({ reader, clock }, { address, limit, cursor }: Listed, { account }) =>
    reader.list(account, clock.now(), address, { limit, cursor }),
});

export const liftMailSuppression = adminUseCase({
  name: 'admin.liftMailSuppression',
  deps: { uow: unitOfWork({ suppressions: MailSuppressions, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, { suppressionId }: Readonly<{ suppressionId: MailSuppressionId }>, call) =>
    uow.write(call.account, async (tx) => {
      if (!(await tx.suppressions.remove(suppressionId))) throw mailSuppressionErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, mailActions.mail_suppression_lifted, { target: suppressionId });
    }),
});

const BATCH = 500;

/** Removes what is known of addresses that are to be tried again. */
export const forgetBounces = job({
  name: 'mail.forgetBounces',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ suppressions: MailSuppressions }), clock: Clock },
  async run({ uow, clock }, stopping) {
    let forgotten = 0;
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts()))
      for (let last = BATCH; last === BATCH && !stopping.aborted; forgotten += last)
        last = await uow.write(account, (tx) => tx.suppressions.forgetExpired(clock.now(), BATCH));
    return { forgotten };
  },
});
