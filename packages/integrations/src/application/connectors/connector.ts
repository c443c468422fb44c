import type { Instant } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { ConnectorKind } from '../../domain/connector.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Integration } from '../../domain/integration.ts';

/** A message as connectors tell it: in the form in which everybody in its conversation sees it, and in words. */
export type ToldMessage = Readonly<{
  message: Message;
  /** As clients know it. */
  shown: object;
  /** The names of its sender and of its conversation. */
  sender: string;
  conversation: string;
}>;

/** `reply`: what the other side wants said in return. `retryAt`: it asked for that. `permanent`: another attempt changes nothing; `gone`: with any message. */
export type Told = Readonly<{
  finding: Finding;
  reply?: string | undefined;
  retryAt?: Instant | undefined;
  permanent?: 'rejected' | 'gone' | undefined;
}>;

/** What a kind of integration can do. None of it rejects for what the other side does. */
export interface Connector {
  readonly kind: ConnectorKind;
  /** Finds out whether it works, without telling anybody anything. */
  check(integration: Integration): Promise<Finding>;
  /** Absent: nothing is told to it. */
  deliver?(integration: Integration, told: ToldMessage): Promise<Told>;
}
