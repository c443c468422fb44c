import { errors } from '@coucou/domain/kernel/errors';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import type { ReportRepository } from '@coucou/domain/moderation/moderation-repositories';
import { Report, type ReportSubject } from '@coucou/domain/moderation/report';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { Relations } from '@coucou/domain/users/relations';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { Reports } from './repositories.ts';

export type CreateReport = Readonly<{ messageId?: MessageId | undefined; userId?: UserId | undefined; reason: string }>;

/** The reported content is stored as it is now. Reporting the same subject again answers the first report. */
export const createReport = useCase({
  name: 'reports.create',
  deps: { uow: unitOfWork({ reports: Reports, users: Users, relations: UserRelations }), clock: Clock, ids: Ids },
  run: ({ uow, clock, ids }, input: CreateReport, { account, actor }) =>
    uow.write(account, async (tx): Promise<Readonly<{ report: Report; existing: boolean }>> => {
      const subject = await seen(tx, actor.userId, input);
      const now = clock.now();
      const report = Report.file({ accountId: account, id: ids.next(), reporterId: actor.userId, subject, reason: input.reason, now });
      if (await tx.reports.add(report)) return { report, existing: false };
      const earlier = await tx.reports.lookup(actor.userId, subject);
      if (earlier === undefined) throw errors.CONFLICT();
      return { report: earlier, existing: true };
    }),
});

/** Users can report only what they can see. */
async function seen(
  tx: Writing<{ reports: ReportRepository; users: UserRepository; relations: RelationRepository }>,
  reporter: UserId,
  { messageId, userId }: CreateReport,
): Promise<ReportSubject> {
  if (messageId !== undefined) {
    const message = await tx.reports.findMessage(reporter, messageId);
    if (message === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    return message;
  }
  const user = userId && (await tx.users.lookup(userId));
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  if (user.id !== reporter)
    Relations.requireAllowed('profile', (await tx.relations.standings(reporter, [user.id])).get(user.id) ?? Relations.strangers);
  return Report.ofUser(user);
}
