import type { AuditAction } from '@coucou/domain/audit/audit-action';
import type { ErrorDefinition } from '@coucou/domain/kernel/errors';
import type { PermissionTable } from '@coucou/domain/conversations/permissions';
import type { AddedKind } from '@coucou/domain/notifications/notification';
import type { WiredEvent } from './event.ts';
import type { Hook } from './hook.ts';
import type { Job } from './job.ts';
import type { BoundOperation } from './operation.ts';
import type { Subscriber } from './subscriber.ts';
import type { Token } from './token.ts';

export type AuditActionTable = Readonly<Record<string, AuditAction>>;
export type ErrorTable = Readonly<Record<string, ErrorDefinition>>;

/** Configuration of a feature: names of the environment, and the port that holds the parsed values. */
export type FeatureSettings<Setting = unknown> = Readonly<{
  port: Token<unknown>;
  names: Readonly<Record<string, Setting>>;
  /** Builds the port's value from the parsed values. */
  read: (values: Readonly<Record<string, unknown>>) => unknown;
}>;

/**
 * A feature: all that it adds to the product, as one value. `Op`, `Wire`, `Part`, `Entry`, `Setting` and `Storage` are what operations, events,
 * message parts, entries of feeds, settings and storage are declared with in other rooms, so that the application depends on none of them.
 */
export type Feature<Op = unknown, Wire = unknown, Part = unknown, Entry = unknown, Setting = unknown, Storage = unknown> = Readonly<{
  name: string;
  operations?: readonly BoundOperation<Op>[];
  /** The errors it declares; its operations may also answer those of others. */
  errors?: readonly ErrorTable[];
  permissions?: PermissionTable;
  /** What its operations and jobs write into the audit log. */
  auditActions?: readonly AuditActionTable[];
  settings?: FeatureSettings<Setting>;
  events?: readonly WiredEvent<Wire>[];
  /** Events of connections themselves, without a domain event. */
  connectionEvents?: readonly Wire[];
  /** The message parts it adds, by name. */
  messageParts?: Readonly<Record<string, Part>>;
  /** The entries that it adds to people's own feeds (`feedEntryAdded`): their payloads, by kind. */
  feedEntries?: Readonly<Record<string, Entry>>;
  /** The kinds of notifications it makes (`tell`). */
  notificationKinds?: readonly AddedKind[];
  subscribers?: readonly Subscriber[];
  hooks?: readonly Hook[];
  jobs?: readonly Job[];
  storage?: Storage;
}>;
