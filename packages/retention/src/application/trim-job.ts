import { job } from '@coucou/application/kernel/job';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { trimConversation, trimPorts } from './trim-conversation.ts';

/** Conversations looked at in one statement. */
const SCAN = 200;

/** Trims what has been kept for long enough, one conversation after the other. */
export const trimMessages = job({
  name: 'retention.trim',
  cron: '0 4 * * *',
  deps: trimPorts,
  async run(ports, stopping) {
    const { uow, clock } = ports;
    const report = { conversations: 0, trimmed: 0, removed: 0, archives: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      let after: ConversationId | undefined;
      do {
        const { due, last } = await uow.read(account, (tx) => tx.trims.due(after, clock.now(), SCAN));
        for (const conversationId of due) {
          if (stopping.aborted) return report;
          const done = await trimConversation(ports, { account, conversationId }, stopping);
          report.conversations += 1;
          report.trimmed += done.trimmed;
          report.removed += done.removed;
          report.archives += done.archives;
        }
        after = last;
      } while (after !== undefined && !stopping.aborted);
    }
    return report;
  },
});
