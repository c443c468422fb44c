import { addSeconds } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';

/** As long as browsers keep a cookie. */
const KEPT_SECONDS = 400 * 86_400;

type Device = Readonly<{ account: string; user: string }>;

export const knownDevicePorts = { clock: Clock, sealed: SealedTokens };
type KnownDevicePorts = Ports<typeof knownDevicePorts>;

/**
 * What a client keeps when it signs in, also past the end of its session, and presents with the next try: the device has been this
 * person's (device cookies, OWASP). It opens nothing.
 */
export const issueDeviceToken = ({ sealed, clock }: KnownDevicePorts, { accountId, id }: User): string =>
  sealed.seal('known-device', { account: accountId, user: id } satisfies Device, addSeconds(clock.now(), KEPT_SECONDS));

/** The device that a token speaks of; undefined for another person's. */
export function knownDevice(
  { sealed, clock }: KnownDevicePorts,
  deviceToken: string | undefined,
  person: Pick<User, 'accountId' | 'id'> | undefined,
): string | undefined {
  const known = deviceToken === undefined ? undefined : sealed.open<Device>('known-device', deviceToken, clock.now());
  return known?.content.account === person?.accountId && known?.content.user === person?.id ? known?.id : undefined;
}
