import type { AccountId, ApiKeyId } from '@coucou/domain/kernel/ids';
import type { Program } from '../kernel/call.ts';
import { token } from '../kernel/token.ts';

/** `account`: that of the API key; the operator names one as a caller without a token does. */
export type RecognisedProgram = Readonly<{ program: Program; account: AccountId | undefined }>;

/** Tells the bearer tokens of programs from those of people. */
export interface Programs {
  /**
   * Undefined for what is no token of a program. `from`: the address of the caller. Throws `UNAUTHENTICATED` for an API key that is not good, and `ACCOUNT_SUSPENDED`. Nothing is
   * cached: a key that was revoked is refused on every node from then on.
   */
  recognise(token: string, from: string): Promise<RecognisedProgram | undefined>;
}
export const Programs = token<Programs>('Programs');

/** Which key of which account. */
export type ApiKeyOf = Readonly<{ account: AccountId; id: ApiKeyId }>;

/**
 * The text of API keys: `ck_`, what they belong to and 256 random bits, and a checksum, so that scanners of leaked secrets recognise them
 * without asking.
 */
export interface ApiKeyTexts {
  /** `hash`: SHA-256 of the text, hex. */
  issue(of: ApiKeyOf): Readonly<{ text: string; hash: string }>;
  /** Undefined for what has not the form of a key. */
  open(text: string): (ApiKeyOf & Readonly<{ hash: string }>) | undefined;
}
export const ApiKeyTexts = token<ApiKeyTexts>('ApiKeyTexts');

/** What API keys may do: the scopes of all operations. */
export const ApiScopes = token<ReadonlySet<string>>('ApiScopes');
