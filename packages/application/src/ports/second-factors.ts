import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Whose secret it is: it is sealed for this person and opens for nobody else. */
export type FactorOwner = Readonly<{ account: AccountId; userId: UserId }>;

/** Codes of authenticator apps (TOTP, RFC 6238): six digits, every 30 seconds. */
export interface TotpCodes {
  /** A secret to show once, as base32 and as an otpauth URI, and the same sealed under the server's secret. `label`: what the app shows. */
  create(
    owner: FactorOwner,
    label: Readonly<{ service: string; person: string }>,
  ): Promise<Readonly<{ secret: string; uri: string; sealedSecret: string }>>;
  /** The time step whose code this is, of the current one and its neighbours; undefined for a wrong code. */
  stepOf(owner: FactorOwner, sealedSecret: string, code: string, now: Instant): Promise<number | undefined>;
}
export const TotpCodes = token<TotpCodes>('TotpCodes');

export interface RecoveryCodes {
  /** 120 random bits each, in groups to be written down. */
  generate(count: number): readonly string[];
  /** The same for every way to type a code; keyed by the server's secret. */
  hash(owner: FactorOwner, code: string): string;
}
export const RecoveryCodes = token<RecoveryCodes>('RecoveryCodes');
