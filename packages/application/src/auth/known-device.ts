import { addSeconds } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';

/** As long as browsers keep a cookie. */
const KEPT_SECONDS = 400 * 86_400;

/** `securityVersion`: the person's, where their mailbox was not proven yet. */
type Device = Readonly<{ account: string; user: string; securityVersion?: number }>;

export const knownDevicePorts = { clock: Clock, sealed: SealedTokens };
type KnownDevicePorts = Ports<typeof knownDevicePorts>;

/**
 * What a client keeps when it signs in, also past the end of its session, and presents with the next try: the device has been this
 * person's (device cookies, OWASP). It opens nothing. Issued before the mailbox is proven, it is void with what the proof drops.
 */
export async function issueDeviceToken(
  { sealed, clock }: KnownDevicePorts,
  { users }: Readonly<{ users: UserRepository }>,
  { accountId: account, id: user, emailVerified }: User,
): Promise<string> {
  const securityVersion = emailVerified ? undefined : (await users.lookupCredentials(user))?.securityVersion;
  const device: Device = { account, user, ...(securityVersion !== undefined && { securityVersion }) };
  return sealed.seal('known-device', device, addSeconds(clock.now(), KEPT_SECONDS));
}

/** Whom a device may be of, as they are now. */
type Person = Readonly<{ user: Pick<User, 'accountId' | 'id'>; securityVersion: number }>;

/** The device that a token speaks of; undefined for another person's, and for one of before the owner proved the mailbox. */
export function knownDevice(
  { sealed, clock }: KnownDevicePorts,
  deviceToken: string | undefined,
  person: Person | undefined,
): string | undefined {
  const known = deviceToken === undefined ? undefined : sealed.open<Device>('known-device', deviceToken, clock.now());
  if (known === undefined || person === undefined) return undefined;
  const { account, user, securityVersion = person.securityVersion } = known.content;
  const isTheirs = account === person.user.accountId && user === person.user.id && securityVersion === person.securityVersion;
  return isTheirs ? known.id : undefined;
}
