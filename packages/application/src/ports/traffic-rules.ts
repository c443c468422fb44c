import { token } from '../kernel/token.ts';
import type { TrafficRule } from './traffic-limiter.ts';

/** What may be done how often, as the server is configured; what is absent has no limit. */
export type TrafficRules = Readonly<{
  /** Requests over HTTP, of one caller. */
  rest: TrafficRule | undefined;
  /** Files by signed URL, to one network. */
  files: TrafficRule | undefined;
  /** What one connection says. */
  socketEvents: TrafficRule | undefined;
  /** Messages of one person, on every transport. */
  userMessages: TrafficRule | undefined;
  /** Messages in one conversation, on every transport. */
  conversationMessages: TrafficRule | undefined;
  /** Sockets open at once on one node. */
  connections: ConnectionLimits | undefined;
  /** Handshakes of sockets from one network, on one node. */
  handshakes: TrafficRule | undefined;
  /** Connections that nobody has signed in to, open at once on one node: of everybody, and from one network. */
  unauthenticated: StrangerLimits | undefined;
}>;
export const TrafficRules = token<TrafficRules>('TrafficRules');

export type StrangerLimits = Readonly<{ ofNode: number; ofNetwork: number }>;

/** Of one person, and of one network. */
export type ConnectionLimits = Readonly<{ ofUser: number; ofNetwork: number }>;
