import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { requireNamedAccount } from '@coucou/application/kernel/call';
import { publicUseCase } from '@coucou/application/kernel/use-case';
import type { Posted } from '@coucou/application/messages/resend';
import { IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { accountErrors } from '@coucou/domain/accounts/account';
import { asId } from '@coucou/domain/kernel/ids';
import { type Integration, integrationErrors } from '../domain/integration.ts';
import { integrationLimits } from '../domain/limits.ts';
import { Integrations } from './integration-repository.ts';
import { postAs, postAsPorts } from './post-as.ts';

export type PostIncoming = Readonly<{
  token: string;
  content?: string | undefined;
  /** What others call the content. */
  text?: string | undefined;
  clientMessageId?: string | undefined;
}>;

const PER_MINUTE = { name: 'incomingWebhook', limit: integrationLimits.incomingPerMinute, windowSeconds: 60 };

/** Authenticated by the token alone. An invalid one gets the same error whatever account or integration it names. */
export const postIncoming = publicUseCase({
  name: 'integrations.post',
  deps: {
    ...postAsPorts,
    uow: unitOfWork({ integrations: Integrations, accounts: OwnAccounts }),
    secrets: IntegrationSecrets,
    perIntegration: RateLimiter,
  },
  async run(ports, { token, content, text, clientMessageId }: PostIncoming, call): Promise<Posted> {
    const { uow, secrets, perIntegration, ids } = ports;
    const named = secrets.readToken(token);
    if (named === undefined) throw integrationErrors.TOKEN_UNKNOWN();
    const { integration, isSuspended } = await uow.read(named.account, async (tx) => {
      const found = await tx.integrations.lookup(asId(named.integrationId));
      return { integration: found, isSuspended: found !== undefined && (await tx.accounts.own()).suspendedAt !== undefined };
    });
    if (integration?.tokenHash === undefined || !secrets.isSame(integration.tokenHash, named.hash)) throw integrationErrors.TOKEN_UNKNOWN();
    requireNamedAccount(call, integration.accountId);
    await perIntegration.take(PER_MINUTE, integration.id);
    if (isSuspended) throw accountErrors.SUSPENDED();
    return postAs(ports, requireEnabled(integration), { content: content ?? text ?? '', key: clientMessageId ?? ids.next() }, call);
  },
});

function requireEnabled(integration: Integration) {
  const { userId, disabled } = integration;
  if (disabled !== undefined || userId === undefined) throw integrationErrors.DISABLED();
  return { ...integration, userId };
}
