import { identityErrors } from '@coucou/domain/auth/identity';
import { requireNamedAccount } from '../kernel/call.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { oauthPorts, openCode, type PresentedCode } from './oauth-flow.ts';
import { personOfIdentity, personRepositories, racing } from './person-of-identity.ts';
import { Claims } from './repositories.ts';
import { answerSignIn, passFirstFactor, signInPorts, signInRepositories } from './sign-in.ts';

/** `invite`: by which somebody new comes in, where the account requires one. */
export type ExchangeOauth = PresentedCode & Readonly<{ invite?: string | undefined }>;

/** Signs in the user of the code. A refusal does not consume the code. */
export const exchangeOauth = publicUseCase({
  name: 'auth.oauthExchange',
  deps: { uow: unitOfWork({ ...signInRepositories, ...personRepositories, claims: Claims }), ...oauthPorts, ...signInPorts },
  async run({ uow, ...ports }, input: ExchangeOauth, call) {
    const { id, expiresAt, content } = openCode(ports, input, call);
    const { account, identity, provider } = content;
    requireNamedAccount(call, account);
    const outcome = await racing((again) =>
      uow.write(account, async (tx) => {
        if (!(await tx.claims.claimOnce('oauth-code', id, expiresAt))) throw identityErrors.OAUTH_CODE_INVALID();
        const arrival = { said: identity, by: 'oauth', signUp: true, invite: input.invite, again } as const;
        const user = await personOfIdentity(ports, tx, arrival, { ...call, account });
        return passFirstFactor(ports, tx, user, call, { method: 'oauth', details: { issuer: provider } });
      }),
    );
    return answerSignIn(ports.access, outcome);
  },
});
