import type { Token } from '@coucou/application/kernel/token';
import { createClaimedProofs } from '@coucou/application/auth/claimed-proofs';
import { createGuessLimits, GuessLimits } from '@coucou/application/auth/guess-limits';
import { createRefusedProofs, RefusedProofs } from '@coucou/application/auth/refused-proofs';
import { createProvePossession, possessionPorts, type ProvePossession } from '@coucou/application/auth/prove-possession';
import { ApiKeys, Claims, Sessions } from '@coucou/application/auth/repositories';
import { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import { AccountRules } from '@coucou/application/ports/account-rules';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import type { ActivityLog } from '@coucou/application/ports/activity-log';
import { AuditChain } from '@coucou/application/ports/audit-chain';
import { Clock } from '@coucou/application/ports/clock';
import { CsrfTokens } from '@coucou/application/ports/csrf-tokens';
import { DataChecks } from '@coucou/application/ports/data-checks';
import { DataExport } from '@coucou/application/ports/data-export';
import { DeadLetters } from '@coucou/application/ports/dead-letters';
import { HealthFigures } from '@coucou/application/ports/health-figures';
import { JobSchedules } from '@coucou/application/ports/job-schedules';
import type { EventBus } from '@coucou/application/ports/event-bus';
import { Ids } from '@coucou/application/ports/ids';
import { IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { KeyedCalls } from '@coucou/application/ports/keyed-calls';
import { LiveEvents } from '@coucou/application/ports/live-events';
import { Metrics } from '@coucou/application/ports/metrics';
import { MessageLog } from '@coucou/application/ports/message-log';
import { NamedIds } from '@coucou/application/ports/named-ids';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { OutboundMail } from '@coucou/application/ports/outbound-mail';
import { ImportedHashes } from '@coucou/application/ports/imported-hashes';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { Proofs, UsedProofs } from '@coucou/application/ports/proofs';
import { RefusedPasswords } from '@coucou/application/ports/refused-passwords';
import { PasskeyVerifier } from '@coucou/application/ports/passkey-verifier';
import { type NodePresence, type PresenceOptions, PresenceRegistry } from '@coucou/application/ports/presence';
import { ApiKeyTexts, Programs } from '@coucou/application/ports/programs';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { ReceiptLog } from '@coucou/application/ports/receipt-log';
import { RecoveryCodes, TotpCodes } from '@coucou/application/ports/second-factors';
import { RequestDigests } from '@coucou/application/ports/request-digests';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { SessionChecks, SessionUses } from '@coucou/application/ports/session-checks';
import { StrengthEstimator } from '@coucou/application/ports/strength-estimator';
import { AccessTokens, OpaqueTokens, RefreshTokens } from '@coucou/application/ports/tokens';
import { TrafficLimiter } from '@coucou/application/ports/traffic-limiter';
import { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { TypingThrottle } from '@coucou/application/ports/typing';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { Watching } from '@coucou/application/ports/watching';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { token } from '@coucou/application/kernel/token';
import { commonPasswords } from '@coucou/domain/auth/common-passwords';
import type { Storage } from '@coucou/postgres/storage';
import { createConnections, type Connections } from '@coucou/realtime/connections';
import { createWatching } from '@coucou/realtime/watching';
import { createMetrics } from '@coucou/observability/metrics';
import { createAccountRules, type PolledAccountRules } from '@coucou/runtime/account-rules';
import { type ApiKeyUses, createApiKeyUses } from '@coucou/runtime/api-key-uses';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import { createMemoryPresence } from '@coucou/runtime/presence';
import { createRateLimiter } from '@coucou/runtime/rate-limiter';
import { createSessionChecks, type MemorySessionChecks } from '@coucou/runtime/session-checks';
import { createSessionUses, type MemorySessionUses } from '@coucou/runtime/session-uses';
import { createTrafficLimiter } from '@coucou/runtime/traffic-limiter';
import { createUsedProofs } from '@coucou/runtime/used-proofs';
import { createTypingThrottle } from '@coucou/runtime/typing-throttle';
import { createCsrfTokens } from '@coucou/security/csrf-tokens';
import { apiKeyTexts } from '@coucou/security/api-key-texts';
import { importedHashes } from '@coucou/security/imported-hashes';
import { createIntegrationSecrets } from '@coucou/security/integration-secrets';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createRequestDigests, namedIds } from '@coucou/security/request-digests';
import { createOriginPolicy, LOCAL } from '@coucou/security/origins';
import { createPasskeyVerifier } from '@coucou/security/passkey-verifier';
import { createPasswordHasher, HASHES_AT_ONCE } from '@coucou/security/password-hasher';
import { createProofs } from '@coucou/security/proofs';
import { createRecoveryCodes } from '@coucou/security/recovery-codes';
import { createRefreshTokens } from '@coucou/security/refresh-tokens';
import { createSealedTokens } from '@coucou/security/sealed-tokens';
import { createStrengthEstimator } from '@coucou/security/strength-estimator';
import { createTotpCodes } from '@coucou/security/totp-codes';
import { createWebhookSignatures } from '@coucou/security/webhook-signatures';
import type { Config } from '../config.ts';
import { createOutboundCalls } from '../start/outbound-calls.ts';
import { createOutboundMail } from '../start/outbound-mail.ts';
import { checkedTokens } from './checked-tokens.ts';
import { type Container, createContainer } from './container.ts';
import { presenceAnnouncements } from './presence-announcements.ts';
import { createPrograms } from './programs.ts';

/** Replaces a port: a clock that a test moves, a hasher that fails. */
export type Override = (container: Container) => void;

export const override =
  <Value>(port: Token<Value>, value: Value): Override =>
  (container) =>
    container.provide(port, () => value);

export type Adapters = Readonly<{
  storage: Storage;
  live: LiveEvents;
  /** What is committed here, and what other nodes say. */
  bus: Pick<EventBus, 'subscribe'>;
  access: AccessTokens;
  /** The server's secret, the same on all nodes. */
  secret: string;
  /** By which the operator calls; absent: nobody does. */
  systemKey?: string | undefined;
  /** By which clients reach the server, without a slash at its end. */
  address?: () => string;
  /** Several nodes serve the database. */
  multiNode?: boolean;
  /** What features are configured with. */
  settings: Config['features'];
  /** Internal hosts that accounts may have called. */
  outboundAllow?: readonly string[];
  /** Absent where nobody can be connected. */
  connections?: Connections;
  /** Absent where nobody reads them. */
  metrics?: Metrics;
  /** Is told of every change of presence; absent where nobody keeps a log of it. */
  activity?: Pick<ActivityLog, 'presenceChanged'>;
  /** A change of presence could not be announced. */
  onPresenceError?: (error: unknown) => void;
  /** Makes the registry that several nodes share; absent: each has its own. */
  sharedPresence?: ((options: PresenceOptions) => NodePresence) | undefined;
  /** Reaches the sockets of this node alone; absent where there is one node. */
  liveHere?: LiveEvents;
}>;

/** The registry of this node, for what feeds it and what stops it. */
export const LocalPresence = token<NodePresence>('LocalPresence');

/** The same of limits of accounts, of ended sessions, and of uses of tokens and API keys. */
export const LocalSessionChecks = token<MemorySessionChecks>('LocalSessionChecks');
export const LocalAccountRules = token<PolledAccountRules>('LocalAccountRules');
export const LocalApiKeyUses = token<ApiKeyUses>('LocalApiKeyUses');
export const LocalUsedProofs = token<UsedProofs>('LocalUsedProofs');
export const LocalSessionUses = token<MemorySessionUses>('LocalSessionUses');

/** An account may set a lifetime of its own for access tokens, up to this one. */
const LONGEST_TOKEN_SECONDS = 86_400;

const isLocal = createOriginPolicy([LOCAL]);
/** Without a public address passkeys are for pages of this machine; no request says what it is called. */
const localPages = (origin: string): boolean => isLocal(origin, '');

/** Which adapter serves which port. The features' readers come with the storage. */
export function providePorts(
  {
    storage,
    live,
    bus,
    access,
    secret,
    systemKey,
    settings,
    connections = createConnections(),
    metrics = createMetrics(),
    address = () => 'http://localhost',
    multiNode = false,
    outboundAllow = [],
    activity,
    onPresenceError = () => {},
    sharedPresence = createMemoryPresence,
    liveHere = live,
  }: Adapters,
  overrides: readonly Override[] = [],
): Container {
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, createIds);
  for (const { port, value } of settings) container.provide(port, () => value);
  container.provide(Transactions, () => storage.transactions);
  container.provide(KeyedCalls, () => storage.keyedCalls);
  container.provide(RequestDigests, () => createRequestDigests(secret));
  container.provide(NamedIds, () => namedIds);
  container.provide(MessageLog, () => storage.messageLog);
  container.provide(ReceiptLog, () => storage.receiptLog);
  container.provide(AccountDirectory, () => storage.accounts);
  container.provide(AuditChain, () => storage.auditChain);
  container.provide(DataChecks, () => storage.dataChecks);
  container.provide(DataExport, () => storage.dataExport);
  container.provide(DeadLetters, () => storage.deadLetters);
  container.provide(JobSchedules, () => storage.jobSchedules);
  container.provide(HealthFigures, () => storage.figures);
  for (const { token: port, make } of storage.readers) container.provide(port, make);
  container.provide(LiveEvents, () => live);
  container.provide(Watching, () => createWatching(connections));
  provideSessions(container, { storage, bus, access, secret });
  providePrograms(container, { storage, systemKey });
  provideProofs(container, { storage, secret, address, multiNode });
  container.provide(Metrics, () => metrics);
  container.provide(OutboundCalls, () => createOutboundCalls({ allow: outboundAllow }));
  container.provide(OutboundMail, () => createOutboundMail({ allow: outboundAllow }));
  container.provide(WebhookSignatures, () => createWebhookSignatures(secret));
  container.provide(IntegrationSecrets, () => createIntegrationSecrets(secret));
  container.provide(OpaqueTokens, () => opaqueTokens);
  container.provide(RefusedPasswords, () => ({ common: commonPasswords, serviceWords: [] }));
  container.provide(ImportedHashes, () => importedHashes);
  container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: HASHES_AT_ONCE }));
  container.provide(StrengthEstimator, () => createStrengthEstimator());
  container.provide(RateLimiter, () => createRateLimiter({ metrics }));
  container.provide(TrafficLimiter, () => createTrafficLimiter());
  container.provide(LocalAccountRules, (resolve) =>
    createAccountRules({
      server: resolve(TrafficRules),
      changes: (seconds) => storage.transactions.system('accounts', (tx) => tx.listAccountLimits(seconds)),
    }),
  );
  container.provide(AccountRules, (resolve) => resolve(LocalAccountRules));
  container.provide(GuessLimits, (resolve) => createGuessLimits(resolve(RateLimiter), resolve(SignInLimits)));
  container.provide(TypingThrottle, () => createTypingThrottle());
  container.provide(LocalPresence, (resolve) => {
    const ending = new AbortController();
    const announcements = presenceAnnouncements(container, { liveHere, activity, onError: onPresenceError, ended: ending.signal });
    const presence = sharedPresence({ clock: resolve(Clock), ...announcements });
    const close = () => {
      ending.abort();
      return presence.close();
    };
    return { ...presence, close };
  });
  container.provide(PresenceRegistry, (resolve) => resolve(LocalPresence));
  for (const apply of overrides) apply(container);
  return container;
}

/** API keys and the system key, and what this node knows of their use. */
function providePrograms(container: Container, { storage, systemKey }: Pick<Adapters, 'storage' | 'systemKey'>) {
  const uow = withRepositories(storage.transactions, { apiKeys: ApiKeys });
  container.provide(ApiKeyTexts, () => apiKeyTexts);
  container.provide(LocalApiKeyUses, () =>
    createApiKeyUses({ write: (account, uses) => uow.write(account, (tx) => tx.apiKeys.noteUses(uses)) }),
  );
  container.provide(Programs, (resolve) =>
    createPrograms(container, { uses: resolve(LocalApiKeyUses), onBehalfOf: storage.onBehalfOf, systemKey }),
  );
}

/** Tokens of sessions, and what this node knows of the sessions. */
function provideSessions(container: Container, { storage, bus, access, secret }: Pick<Adapters, 'storage' | 'bus' | 'access' | 'secret'>) {
  const { system } = storage.transactions;
  const uow = withRepositories(storage.transactions, { sessions: Sessions });
  container.provide(RefreshTokens, () => createRefreshTokens(secret));
  container.provide(CsrfTokens, () => createCsrfTokens(secret));
  container.provide(SealedTokens, () => createSealedTokens(secret));
  container.provide(TotpCodes, () => createTotpCodes(secret));
  container.provide(PasskeyVerifier, () => createPasskeyVerifier({ rpId: 'localhost', isAllowed: localPages }));
  container.provide(RecoveryCodes, () => createRecoveryCodes(secret));
  container.provide(LocalSessionChecks, () =>
    createSessionChecks({
      changes: (window) => system('authenticate', (tx) => tx.listAccessChanges(window)),
      bus,
      longestTokenSeconds: LONGEST_TOKEN_SECONDS,
    }),
  );
  container.provide(SessionChecks, (resolve) => resolve(LocalSessionChecks));
  container.provide(LocalSessionUses, () =>
    createSessionUses({ write: (account, uses) => uow.write(account, (tx) => tx.sessions.noteUses(uses)) }),
  );
  container.provide(SessionUses, (resolve) => resolve(LocalSessionUses));
  // Made with the first token that is bound to a key.
  let possession: ProvePossession | undefined;
  const provePossession = () => (possession ??= createProvePossession(container.portsOf(possessionPorts)));
  container.provide(AccessTokens, (resolve) =>
    checkedTokens(access, resolve(LocalSessionChecks), resolve(LocalSessionUses), provePossession),
  );
}

/** Proofs that a caller holds the key of a session. */
function provideProofs(
  container: Container,
  { storage, secret, address, multiNode }: Pick<Adapters, 'storage' | 'secret'> & Required<Pick<Adapters, 'address' | 'multiNode'>>,
) {
  container.provide(RefusedProofs, (resolve) => createRefusedProofs(resolve(Clock)));
  container.provide(Proofs, (resolve) => createProofs({ secret, clock: resolve(Clock), address }));
  container.provide(LocalUsedProofs, (resolve) =>
    multiNode
      ? createClaimedProofs(withRepositories(storage.transactions, { claims: Claims }))
      : createUsedProofs({ clock: resolve(Clock) }),
  );
  container.provide(UsedProofs, (resolve) => resolve(LocalUsedProofs));
}
