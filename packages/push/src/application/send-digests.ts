import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { job } from '@coucou/application/kernel/job';
import type { Ports } from '@coucou/application/kernel/token';
import { mailPorts, orderMail } from '@coucou/application/mail/mail-events';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { defaultPreferences } from '@coucou/domain/preferences/preferences';
import { Digest } from '../domain/digest.ts';
import { type DigestReader, Digests } from './digest-repository.ts';

/** People in one transaction. */
const BATCH = 200;

const deps = { uow: unitOfWork({ digests: Digests, accounts: OwnAccounts }), ...mailPorts };
type Given = Ports<typeof deps>;

const rulesOf = ({ preferences }: DigestReader) => (preferences ?? defaultPreferences).notifications;

/** Orders the mails of those who have something new to be told of. Answers how many were looked at, and how many mails ordered. */
const sendBatch = ({ uow, ...ports }: Given, account: AccountId) =>
  uow.write(account, async (tx) => {
    const now = ports.clock.now();
    const due = await tx.digests.due(now, BATCH);
    const isSuspended = (await tx.accounts.own()).suspendedAt !== undefined;
    // At the first look nobody is told of anything, since nobody knows for how long it has been unread.
    const asked = due.filter((reader) => !isSuspended && reader.dueAt !== undefined && rulesOf(reader).email);
    const counts = new Map(
      (
        await tx.digests.count(
          asked.map(({ userId }) => userId),
          now,
        )
      ).map((count) => [count.userId, count]),
    );
    const told = asked.flatMap(({ userId, sentAt }) => {
      const count = counts.get(userId);
      return count === undefined || (sentAt !== undefined && count.newestAt <= sentAt) ? [] : [count];
    });
    for (const { userId, unread, conversations } of told) orderMail(ports, tx, { kind: 'digest', userId, unread, conversations });
    const toldIds = new Set(told.map(({ userId }) => userId));
    await tx.digests.schedule(
      account,
      due.map((reader) => ({
        userId: reader.userId,
        nextAt: Digest.nextAfter(Digest.scheduleOf(rulesOf(reader)), now),
        sentAt: toldIds.has(reader.userId) ? now : reader.sentAt,
      })),
    );
    return { looked: due.length, ordered: told.length };
  });

/** Mails people what they have not read, each at the time that they chose. */
export const sendDigests = job({
  name: 'push.digests',
  everyMs: 300_000,
  deps,
  async run(given, stopping) {
    const report = { ordered: 0 };
    if (!given.mailer.isAvailable) return report;
    for (const account of await given.uow.system('accounts', (tx) => tx.listAccounts())) {
      for (let last = BATCH; last >= BATCH && !stopping.aborted; ) {
        const { looked, ordered } = await sendBatch(given, account);
        report.ordered += ordered;
        last = looked;
      }
    }
    return report;
  },
});
