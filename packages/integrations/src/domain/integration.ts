import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, ConversationId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';
import { jittered } from '@coucou/domain/kernel/retries';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { ConnectorKind, ConnectorSettings } from './connector.ts';
import type { Finding } from './finding.ts';

export const integrationErrors = defineErrors('INTEGRATION', {
  NOT_FOUND: ['not_found', 'There is no such integration.'],
  LIMIT_REACHED: ['conflict', 'The account has as many integrations as it may have.'],
  TARGET_REFUSED: ['invalid', 'This server calls no such address: it takes encrypted connections to hosts of the public internet.'],
  NUMBER_INVALID: ['invalid', 'This is no telephone number in the form of E.164, such as +493012345678.'],
  ADDRESS_INVALID: ['invalid', 'This is no address that mail can be written to.'],
  MEMBER_REQUIRED: ['invalid', 'The user that an integration posts as must be a member of its conversation.'],
  KIND_FIXED: ['invalid', 'An integration keeps its kind: add another one.'],
  CREDENTIALS_REQUIRED: ['invalid', 'Credentials are needed, and those that are there are for the place that they were given for.'],
  NO_SECRET: ['conflict', 'Integrations of this kind have no secret that the server makes.'],
  TOKEN_UNKNOWN: ['not_found', 'No incoming webhook has this token.'],
  DISABLED: ['conflict', 'This integration is disabled.'],
});

export type IntegrationId = Id<'integration'>;

/** `admin`: by whoever administers the account; `person`, `conversation`: deleted, whom it posts as or where it works; `gone`: its receiver answered 410. */
export type DisabledReason = 'admin' | 'person' | 'conversation' | 'gone';

/** What ties a conversation to a place outside. */
export type Integration = Readonly<{
  accountId: AccountId;
  id: IntegrationId;
  name: string;
  conversationId: ConversationId;
  /** As whom it posts. */
  userId: UserId | undefined;
  connector: ConnectorSettings;
  /** Sealed for this integration; opened where it is used. */
  sealedCredentials: string | undefined;
  /** SHA-256 of the token of an incoming webhook. */
  tokenHash: string | undefined;
  disabled: Readonly<{ reason: DisabledReason; at: Instant }> | undefined;
  check: Checked | undefined;
  /** Attempts that failed since the last one that did not, and since when. */
  failures: number;
  failingSince: Instant | undefined;
  /** Nothing is tried before. */
  pausedUntil: Instant | undefined;
  lastFailure: Checked | undefined;
  lastDeliveredAt: Instant | undefined;
  /** Messages that were never delivered. */
  givenUp: number;
  createdBy: UserId | undefined;
  createdAt: Instant;
}>;

/** What was found, and when. */
export type Checked = Finding & Readonly<{ at: Instant }>;

/** What becomes of the fields that anybody who administers may change; an absent one stays. */
export type IntegrationChange = Readonly<{
  name?: string | undefined;
  conversationId?: ConversationId | undefined;
  userId?: UserId | undefined;
  connector?: ConnectorSettings | undefined;
  sealedCredentials?: string | undefined;
  enabled?: boolean | undefined;
}>;

const healthy = { failures: 0, failingSince: undefined, pausedUntil: undefined };

/** With the names of what differs; undefined when nothing does. Another target, and enabling, begin anew; what was checked was the target before. */
function update(
  current: Integration,
  change: IntegrationChange,
  now: Instant,
): Readonly<{ integration: Integration; changed: readonly string[] }> | undefined {
  const given = {
    name: change.name ?? current.name,
    conversationId: change.conversationId ?? current.conversationId,
    userId: change.userId ?? current.userId,
    connector: change.connector ?? current.connector,
    sealedCredentials: change.sealedCredentials ?? current.sealedCredentials,
  };
  const enabled = change.enabled ?? current.disabled === undefined;
  const changed = [
    ...(given.name === current.name ? [] : ['name']),
    ...(given.conversationId === current.conversationId ? [] : ['conversationId']),
    ...(given.userId === current.userId ? [] : ['userId']),
    ...(isSame(given.connector, current.connector) ? [] : ['connector']),
    ...(given.sealedCredentials === current.sealedCredentials ? [] : ['credentials']),
    ...(enabled === (current.disabled === undefined) ? [] : ['enabled']),
  ];
  if (changed.length === 0) return undefined;
  const disabled = enabled ? undefined : (current.disabled ?? { reason: 'admin' as const, at: now });
  const isOther = changed.some((each) => each !== 'name' && each !== 'enabled');
  const beginsAnew = isOther || changed.includes('enabled');
  return {
    integration: { ...current, ...given, disabled, ...(beginsAnew && healthy), ...(isOther && { check: undefined }) },
    changed,
  };
}

const isSame = (a: ConnectorSettings, b: ConnectorSettings): boolean => {
  const entriesOf = (settings: ConnectorSettings) =>
    JSON.stringify(
      Object.entries(settings)
        .filter(([, value]) => value !== undefined)
        .toSorted(([x], [y]) => (x < y ? -1 : 1)),
    );
  return entriesOf(a) === entriesOf(b);
};

/** From this many failures in a row on it is left in peace, for longer and longer. */
const PAUSED_FROM = 5;
const PAUSE_SECONDS = { first: 30, longest: 600 };
/** How exact the time of the last delivery is: not every message writes the one row that all of them share. */
const NOTED_EVERY_SECONDS = 60;

/** After a delivery that succeeded; the same object when there is nothing to write. */
function succeed(current: Integration, now: Instant): Integration {
  const isNoted = current.lastDeliveredAt !== undefined && !isPast(addSeconds(current.lastDeliveredAt, NOTED_EVERY_SECONDS), now);
  return isNoted && current.failures === 0 && current.pausedUntil === undefined
    ? current
    : { ...current, ...healthy, lastDeliveredAt: now };
}

type Failure = Readonly<{
  finding: Finding;
  /** The receiver asked for this. */
  retryAt: Instant | undefined;
  gone: boolean;
  givenUp: boolean;
  /** It was the one that found out. */
  probed: boolean;
}>;

function fail(current: Integration, { finding, retryAt, gone, givenUp, probed }: Failure, now: Instant, chance: () => number): Integration {
  // What was under way when the pause began tells nothing new.
  const isPaused = !probed && pauseOf(current, now) !== undefined;
  const failures = isPaused ? current.failures : current.failures + 1;
  const pause = Math.min(PAUSE_SECONDS.first * 2 ** Math.max(0, failures - PAUSED_FROM), PAUSE_SECONDS.longest);
  const own = failures < PAUSED_FROM || isPaused ? current.pausedUntil : addSeconds(now, jittered(pause, chance));
  const pausedUntil = retryAt !== undefined && (own === undefined || retryAt > own) ? retryAt : own;
  return {
    ...current,
    failures,
    failingSince: current.failingSince ?? now,
    pausedUntil,
    lastFailure: { ...finding, at: now },
    givenUp: current.givenUp + (givenUp ? 1 : 0),
    disabled: current.disabled ?? (gone ? { reason: 'gone', at: now } : undefined),
  };
}

/** After a pause one message finds out whether it works again; the others wait until it must have. Undefined where all may go. */
const probe = (current: Integration, now: Instant, seconds: number): Integration | undefined =>
  current.failures < PAUSED_FROM ? undefined : { ...current, pausedUntil: addSeconds(now, seconds) };

/** Why nothing is tried now; undefined when it is. */
const pauseOf = ({ pausedUntil }: Integration, now: Instant): Instant | undefined =>
  pausedUntil === undefined || isPast(pausedUntil, now) ? undefined : pausedUntil;

const disable = (current: Integration, reason: DisabledReason, at: Instant): Integration =>
  current.disabled === undefined ? { ...current, disabled: { reason, at } } : current;

const kindOf = ({ connector }: Pick<Integration, 'connector'>): ConnectorKind => connector.kind;

export const Integration = { update, succeed, fail, probe, pauseOf, disable, kindOf };
