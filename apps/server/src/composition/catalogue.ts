import { createEventRegistry, type EventRegistry } from '@coucou/application/kernel/event-registry';
import type { ServerEvent } from '@coucou/contracts/kernel/event';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { declareMessagePart } from '@coucou/contracts/messages/message';
import { declareNotificationKind } from '@coucou/contracts/notifications/notification';
import { declareFeedEntry } from '@coucou/contracts/users/feed';
import type { AuditAction } from '@coucou/domain/audit/audit-action';
import type { PermissionTable } from '@coucou/domain/conversations/permissions';
import type { ErrorDefinition } from '@coucou/domain/kernel/errors';
import type { AppFeature } from '@coucou/features/feature';
import type { StorageParts } from '@coucou/postgres/kit/storage-parts';
import { featureFaults } from './feature-faults.ts';

/** What features are made of, collected: everything that needs no port. */
export type Catalogue = Readonly<{
  operations: readonly Operation[];
  errors: readonly ErrorDefinition[];
  permissions: readonly PermissionTable[];
  auditActions: readonly AuditAction[];
  serverEvents: readonly ServerEvent[];
  events: EventRegistry;
  storage: readonly StorageParts[];
}>;

/** Everything that is missing or contradictory, at once. */
export class CompositionError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the features do not fit together:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'CompositionError';
    this.faults = faults;
  }
}

/** Throws a `CompositionError` that names whatever is declared twice, or used and not declared. */
export function catalogueOf(features: readonly AppFeature[]): Catalogue {
  const faults = featureFaults(features);
  if (faults.length > 0) throw new CompositionError(faults);
  for (const { messageParts = {}, feedEntries = {}, notificationKinds = [] } of features) {
    for (const [name, schema] of Object.entries(messageParts)) declareMessagePart(name, schema);
    for (const [kind, payload] of Object.entries(feedEntries)) declareFeedEntry(kind, payload);
    for (const kind of notificationKinds) declareNotificationKind(kind);
  }
  const wiredEvents = features.flatMap(({ events = [] }) => events);
  const subscribed = new Set(features.flatMap(({ subscribers = [] }) => subscribers.map(({ on }) => on)));
  const serverEvents = features.flatMap(({ connectionEvents = [], events = [] }) => [
    ...connectionEvents,
    ...events.flatMap(({ wires }) => wires),
  ]);
  return {
    operations: features.flatMap(({ operations = [] }) => operations.map(({ operation }) => operation)),
    errors: features
      .flatMap(({ errors = [] }) => errors.flatMap((table) => Object.values(table)))
      .map(({ code, kind, sentence }) => ({ code, kind, sentence }))
      .toSorted((a, b) => (a.code < b.code ? -1 : 1)),
    auditActions: features
      .flatMap(({ auditActions = [] }) => auditActions.flatMap((table) => Object.values(table)))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    permissions: features.flatMap(({ permissions = [] }) => permissions),
    serverEvents: [...new Set(serverEvents)],
    events: createEventRegistry(wiredEvents, subscribed),
    storage: features.flatMap(({ storage = [] }) => storage),
  };
}
