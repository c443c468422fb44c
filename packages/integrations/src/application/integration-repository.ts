import { token } from '@coucou/application/kernel/token';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import type { Integration, IntegrationId } from '../domain/integration.ts';

/** The integrations of the unit of work's account. */
export interface IntegrationRepository {
  /** The newest first. */
  list(): Promise<Integration[]>;
  /** Enabled ones to which messages of this conversation are told. */
  outgoingOf(conversation: ConversationId): Promise<Integration[]>;
  lookup(id: IntegrationId): Promise<Integration | undefined>;
  /** Holds back whoever else adds one to the account, until the unit of work ends. */
  lockAll(): Promise<void>;
  /** Locked until the unit of work ends. */
  lock(id: IntegrationId): Promise<Integration | undefined>;
  /** Enabled ones of this conversation, locked. */
  lockOf(conversation: ConversationId): Promise<Integration[]>;
  add(integration: Integration): Promise<void>;
  update(integration: Integration): Promise<void>;
  remove(id: IntegrationId): Promise<void>;
}
export const Integrations = token<IntegrationRepository>('Integrations');

/** What this process knows of conversations whose messages are told to integrations. */
export interface IntegrationDirectory {
  /** Whether an enabled one is told of them. A no may be up to five seconds old, where another node enabled the first one. */
  tells(account: AccountId, conversation: ConversationId): Promise<boolean>;
  /** It may have come to have one: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}
export const IntegrationDirectory = token<IntegrationDirectory>('IntegrationDirectory');

export type IntegrationSettings = Readonly<{
  timeoutSeconds: number;
  /** Delays after each failure, in seconds. Their sum is also the age at which a message is given up. */
  retries: readonly number[];
}>;
export const IntegrationSettings = token<IntegrationSettings>('IntegrationSettings');
