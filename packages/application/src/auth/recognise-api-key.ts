import { accountErrors } from '@coucou/domain/accounts/account';
import { ApiKey } from '@coucou/domain/auth/api-key';
import { errors } from '@coucou/domain/kernel/errors';
import { OwnAccounts } from '../accounts/repositories.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { type ApiKeyOf, ApiKeyTexts } from '../ports/programs.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { ApiKeys } from './repositories.ts';

export const apiKeyPorts = { uow: unitOfWork({ apiKeys: ApiKeys, accounts: OwnAccounts }), texts: ApiKeyTexts, clock: Clock };

/**
 * Which key this is, if it is good: throws `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED`. One look-up by its id; that the hashes are compared in
 * variable time reveals at most a part of the SHA-256 of 256 random bits.
 */
export async function recogniseApiKey(
  { uow, texts, clock }: Ports<typeof apiKeyPorts>,
  text: string,
): Promise<ApiKeyOf & Pick<ApiKey, 'scopes'>> {
  const presented = texts.open(text);
  if (presented === undefined) throw errors.UNAUTHENTICATED({ reason: 'not the form of an API key' });
  const { account, id, hash } = presented;
  return uow.read(account, async (tx) => {
    const key = await tx.apiKeys.lookup(id);
    if (key === undefined || !ApiKey.isGood(key, hash, clock.now())) throw errors.UNAUTHENTICATED({ reason: 'the API key is not good' });
    if ((await tx.accounts.own()).suspendedAt !== undefined) throw accountErrors.SUSPENDED();
    return { account, id, scopes: key.scopes };
  });
}
