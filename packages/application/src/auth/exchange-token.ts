import { externalTokenErrors } from '@coucou/domain/auth/external-issuer';
import { Administration } from '@coucou/domain/users/administration';
import type { Call } from '../kernel/call.ts';
import { networkOf } from '../kernel/network-of.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { ExternalTokens } from '../ports/external-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { type Guess, GuessLimits } from './guess-limits.ts';
import { personOfIdentity, personRepositories, racing } from './person-of-identity.ts';
import { Issuers } from './repositories.ts';
import { answerSignIn, passFirstFactor, signInPorts, signInRepositories } from './sign-in.ts';

/** By the caller's network alone: a token that is not signed is nobody's. */
const guessOf = ({ account, client: { ip } }: Call): Guess => ({ kind: 'token', account, ip, of: networkOf(ip) });

/** `invite`: by which somebody new comes in, where the account requires one. */
export type ExchangeToken = Readonly<{ token: string; invite?: string | undefined }>;

/**
 * Signs in by a token of an issuer that the account has registered, once. Nobody learns from a refusal which issuers those are; what is wrong
 * with a token that one of them has signed is told. A refusal does not consume the token.
 */
export const exchangeToken = publicUseCase({
  name: 'auth.exchangeToken',
  deps: {
    uow: unitOfWork({ ...signInRepositories, ...personRepositories, issuers: Issuers }),
    tokens: ExternalTokens,
    guesses: GuessLimits,
    ...signInPorts,
  },
  async run({ uow, tokens, guesses, ...ports }, { token, invite }: ExchangeToken, call) {
    const { account } = call;
    const { INVALID } = externalTokenErrors;
    const { issuer, verdict } = await guesses.attempt(guessOf(call), [INVALID.code], async () => {
      const said = tokens.issuerOf(token);
      const found = said === undefined ? undefined : await uow.read(account, (tx) => tx.issuers.find(said));
      if (found === undefined) throw INVALID();
      const given = await tokens.verify(token, found, ports.clock.now());
      if ('fault' in given && !given.isSigned) throw INVALID();
      return { issuer: found, verdict: given };
    });
    if ('fault' in verdict) throw INVALID({ reason: verdict.fault });
    const { identity, id, expiresAt } = verdict.verified;
    const outcome = await racing((again) =>
      uow.write(account, async (tx) => {
        // It may have been changed or removed while the token was being verified.
        if ((await tx.issuers.hold(issuer.id))?.version !== issuer.version) throw INVALID();
        if (!(await tx.claims.claimOnce('external-token', id, expiresAt))) throw INVALID({ reason: 'used' });
        const arrival = { said: identity, by: 'external', signUp: issuer.signUp, invite, again } as const;
        const user = await personOfIdentity(ports, tx, arrival, call);
        Administration.requireSubject(issuer.rank, user.role);
        return passFirstFactor(ports, tx, user, call, { method: 'external', details: { issuer: issuer.issuer } });
      }),
    );
    return answerSignIn(ports.access, outcome);
  },
});
