import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { asChatError } from '@coucou/application/kernel/error-body';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { secondFactorErrors } from '@coucou/domain/auth/second-factor';
import type { ChatError } from '@coucou/domain/kernel/errors';

/** The operations that open a session for who proves who they are. A refresh goes on with one that is open. */
const LOGINS = new Set([
  'auth.login',
  'auth.secondFactor',
  'auth.passkeyLogin',
  'auth.consumeMagicLink',
  'auth.oauthExchange',
  'auth.exchangeToken',
]);

function outcomeOf({ code, kind }: ChatError): string {
  if (code === secondFactorErrors.SECOND_FACTOR_REQUIRED.code) return 'challenged';
  if (kind === 'rate_limited') return 'limited';
  return kind === 'internal' || kind === 'unavailable' ? 'failed' : 'refused';
}

/** The same operations; attempts to sign in are counted by outcome. */
export const countLogins = (operations: readonly ReadyOperation<Operation>[], metrics: Metrics): readonly ReadyOperation<Operation>[] =>
  operations.map((ready) => {
    const { name: operation } = ready.operation;
    if (!LOGINS.has(operation)) return ready;
    const count = (outcome: string) => metrics.counter(catalogue.logins, { operation, outcome }).add();
    return {
      ...ready,
      async run(input, call) {
        try {
          const answer = await ready.run(input, call);
          count('opened');
          return answer;
        } catch (error) {
          count(outcomeOf(asChatError(error)));
          throw error;
        }
      },
    };
  });
