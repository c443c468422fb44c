import { OwnAccounts } from '@coucou/application/accounts/repositories';
import type { Ports } from '@coucou/application/kernel/token';
import { Clock } from '@coucou/application/ports/clock';
import { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { ChatError } from '@coucou/domain/kernel/errors';
import { requirePoster } from '@coucou/domain/messages/message';
import { OK } from '../../domain/finding.ts';
import type { Connector } from './connector.ts';

export const incomingWebhookPorts = { accounts: unitOfWork({ accounts: OwnAccounts }), snapshots: PostingSnapshots, clock: Clock };

/** Posts what comes in (`integrations.post`); nothing is told to it. It works while its person may post in its conversation. */
export const incomingWebhook = ({ accounts, snapshots, clock }: Ports<typeof incomingWebhookPorts>): Connector => ({
  kind: 'incomingWebhook',
  async check({ accountId, conversationId, userId }) {
    const { suspendedAt } = await accounts.read(accountId, (tx) => tx.accounts.own());
    if (suspendedAt !== undefined) return { outcome: 'suspended', detail: undefined };
    try {
      requirePoster(userId && (await snapshots.reload(accountId, conversationId, userId)), clock.now());
      return OK;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { outcome: 'posting', detail: error.code };
    }
  },
});
