import { defineErrors, errors } from '../kernel/errors.ts';
import { fold } from '../kernel/folding.ts';
import type { AccountId, Instant, UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { isSame } from '../kernel/same.ts';
import { addSeconds, isPast, secondsUntil } from '../kernel/time.ts';

export const userErrors = defineErrors('', {
  USER_NOT_FOUND: ['not_found', 'There is no such user.'],
  USERNAME_TAKEN: ['conflict', 'This username is taken.'],
  EXTERNAL_ID_TAKEN: ['conflict', 'Somebody else has this external id.'],
  EMAIL_TAKEN: ['conflict', 'This e-mail address is already in use.'],
  USERNAME_CHANGED_RECENTLY: ['rate_limited', 'You changed your username recently; try again later.'],
});

export const guestErrors = defineErrors('', {
  GUESTS_NOT_ALLOWED: ['forbidden', 'This account lets no guests in; sign up or sign in.'],
  NOT_A_GUEST: ['conflict', 'Only a guest can be upgraded; you are a member already.'],
});

export type AccountRole = 'owner' | 'admin' | 'member' | 'guest';

export type User = Readonly<{
  accountId: AccountId;
  id: UserId;
  username: string;
  email: string | undefined;
  emailVerified: boolean;
  displayName: string;
  avatarUrl: string | undefined;
  bio: string | undefined;
  custom: Readonly<Record<string, unknown>> | undefined;
  role: AccountRole;
  createdAt: Instant;
  lastSeenAt: Instant | undefined;
}>;

export type NewUser = Readonly<{
  accountId: AccountId;
  id: UserId;
  username: string;
  email: string | undefined;
  /** Whether whoever signs up has proven to own the mailbox, here or to an issuer that this server trusts. */
  emailVerified?: boolean;
  displayName: string | undefined;
  avatarUrl?: string | undefined;
  now: Instant;
}>;

/** Two usernames of one key are one name: who writes another's without its accents, or in capitals, does not become them. */
const usernameKey = (username: string): string => fold(username).text;

/** An address with another accent is another mailbox, so addresses are not folded. */
const emailKey = (email: string): string => email.normalize('NFKC').toLowerCase();

/** Throws `VALIDATION_FAILED` for a username of letters that make no difference between names, such as those that only stretch a word. */
function requireTelling(username: string): void {
  if (!/[\p{L}\p{N}]/u.test(usernameKey(username)))
    throw errors.VALIDATION_FAILED([
      { path: ['username'], rule: 'format', message: 'A username has a letter or digit that tells it from other names.' },
    ]);
}

/** Throws as `requireTelling`. */
function signUp({ accountId, id, username, email, emailVerified = false, displayName, avatarUrl, now }: NewUser): User {
  requireTelling(username);
  return {
    accountId,
    id,
    username,
    email,
    emailVerified,
    displayName: displayName ?? username,
    avatarUrl,
    bio: undefined,
    custom: undefined,
    role: 'member',
    createdAt: now,
    lastSeenAt: undefined,
  };
}

/**
 * Undefined when nothing changes. The first change of a name is free, so that who was given one chooses it; the next has to wait. Throws
 * `USERNAME_CHANGED_RECENTLY`, and as `requireTelling`.
 */
function rename(user: User, username: string, changedAt: Instant | undefined, now: Instant): User | undefined {
  requireTelling(username);
  if (username === user.username) return undefined;
  const cooled = changedAt && addSeconds(changedAt, limits.usernameChange.cooldownSeconds);
  if (cooled !== undefined && !isPast(cooled, now))
    throw userErrors.USERNAME_CHANGED_RECENTLY({ retryAfterSeconds: secondsUntil(cooled, now) });
  return { ...user, username };
}

/** Letters of the id that a guest is called by: random ones, so that no two meet. */
const GUEST_LETTERS = 12;

const guest = ({ accountId, id, displayName, now }: Omit<NewUser, 'username' | 'email' | 'emailVerified'>): User => ({
  ...signUp({ accountId, id, username: `guest-${id.slice(-GUEST_LETTERS)}`, email: undefined, displayName: displayName ?? 'Guest', now }),
  role: 'guest',
});

/** The same person as a member. */
function upgrade(
  user: User,
  { username, email, displayName }: Readonly<{ username: string; email: string; displayName?: string | undefined }>,
): User {
  requireTelling(username);
  return { ...user, username, email, emailVerified: false, displayName: displayName ?? username, role: 'member' };
}

/** Absent: unchanged. `null`: cleared. */
export type ProfileChange = Readonly<{
  displayName?: string | undefined;
  avatarUrl?: string | null | undefined;
  bio?: string | null | undefined;
  custom?: Readonly<Record<string, unknown>> | null | undefined;
}>;

const changed = <T>(current: T | undefined, change: T | null | undefined): T | undefined =>
  change === undefined ? current : (change ?? undefined);

/** Undefined when nothing changes. */
function updateProfile(user: User, change: ProfileChange): User | undefined {
  const after: User = {
    ...user,
    displayName: change.displayName ?? user.displayName,
    avatarUrl: changed(user.avatarUrl, change.avatarUrl),
    bio: changed(user.bio, change.bio),
    custom: changed(user.custom, change.custom),
  };
  return isSame(after, user) ? undefined : after;
}

/** The search key of names and of queries; empty for what holds nothing that tells one name from another. */
const searchKey = (value: string): string => fold(value).text.trim().replaceAll(/\s+/g, ' ');

export const User = { signUp, guest, upgrade, rename, updateProfile, usernameKey, emailKey, searchKey };
