import type { PushMessage, PushOutcome } from '@coucou/application/ports/push-services';
import type { PushAddress, PushServiceName } from '@coucou/domain/notifications/push-address';

/** One way to devices. */
export type Service<Name extends PushServiceName = PushServiceName> = Readonly<{
  accepts: (address: Extract<PushAddress, { service: Name }>) => boolean;
  send: (address: Extract<PushAddress, { service: Name }>, message: PushMessage) => Promise<PushOutcome>;
  close: () => void;
}>;

/** Signs a JWT with the key of a service: what `@coucou/security/assertions` makes. */
export type Sign = (assertion: Readonly<{ claims: Readonly<Record<string, unknown>>; now: Date; seconds?: number }>) => Promise<string>;

export const TIMEOUT_MS = 10_000;
/** Bytes of an answer. */
export const MOST_ANSWERED = 65_536;
