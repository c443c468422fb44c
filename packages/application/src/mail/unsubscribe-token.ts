import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';

/** Mails are kept for long, and so is the way out of them. */
const KEPT_SECONDS = 366 * 86_400;

export const unsubscribePorts = { sealed: SealedTokens, clock: Clock };
type Given = Ports<typeof unsubscribePorts>;

/** Who wants no more digests; nothing else can be done by it. */
type Content = Readonly<{ account: AccountId; userId: UserId }>;

export const unsubscribeToken = ({ sealed, clock }: Given, account: AccountId, userId: UserId): string =>
  sealed.seal('unsubscribe', { account, userId } satisfies Content, addSeconds(clock.now(), KEPT_SECONDS));

/** Undefined for what is no such token of this server, and for one that is too old. */
export const openUnsubscribeToken = ({ sealed, clock }: Given, token: string): Content | undefined =>
  sealed.open<Content>('unsubscribe', token, clock.now())?.content;
