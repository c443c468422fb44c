import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';

export const corporateNumberErrors = defineErrors('CORPORATE_NUMBER', {
  NOT_FOUND: ['not_found', 'There is no such number in the directory.'],
  TAKEN: ['conflict', 'This number is in the directory already.'],
  INVALID: ['invalid', 'This is not the number of a telephone; `fault` in the details says what is wrong with it.'],
});

/**
 * What is wrong with a number as it is written. `country_missing`: it is in a national format, and no country was named;
 * `calling_code_unknown`: no country has numbers that begin so; `impossible_length`: between two lengths that there are; `extension`: one
 * behind a number, which E.164 has no place for.
 */
export const numberFaults = [
  'not_a_number',
  'country_missing',
  'country_unknown',
  'calling_code_unknown',
  'too_short',
  'too_long',
  'impossible_length',
  'extension',
] as const;
export type NumberFault = (typeof numberFaults)[number];

/** A number in the international form of ITU-T E.164: a plus and at most 15 digits, those of the calling code first. */
export type E164 = string & { readonly $e164: true };

const isE164 = (text: string): text is E164 => /^\+[1-9]\d{1,14}$/.test(text);

export type CorporateNumberId = Id<'corporateNumber'>;

/** A phone number of the account. Each is in the directory once. */
export type CorporateNumber = Readonly<{
  accountId: AccountId;
  id: CorporateNumberId;
  number: E164;
  /** What it is for, or whose. */
  label: string | undefined;
  /** The person who is called by it; nobody where it is a reception's or a hotline's. */
  userId: UserId | undefined;
  createdAt: Instant;
}>;

/** What is absent stays as it is, and null takes it away. */
export type CorporateNumberChange = Readonly<{ label?: string | null | undefined; userId?: UserId | null | undefined }>;

/** What a number becomes, with the names of what differs; undefined when nothing does. */
function update(
  current: CorporateNumber,
  change: CorporateNumberChange,
): Readonly<{ number: CorporateNumber; changed: readonly string[] }> | undefined {
  const label = change.label === undefined ? current.label : (change.label ?? undefined);
  const userId = change.userId === undefined ? current.userId : (change.userId ?? undefined);
  const changed = [...(label === current.label ? [] : ['label']), ...(userId === current.userId ? [] : ['userId'])];
  return changed.length === 0 ? undefined : { number: { ...current, label, userId }, changed };
}

export const CorporateNumber = { isE164, update };
