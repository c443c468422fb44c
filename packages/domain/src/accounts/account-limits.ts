import type { Rate } from '../kernel/rate.ts';

/**
 * What the operator grants one account in place of the server's own limits; what is absent is as the server has it. Of a limit with several
 * rates all hold; without any (an empty list) there is no limit.
 */
export type AccountLimits = Readonly<{
  /** Requests of one person or API key. What nobody is signed in to is limited by the server, for all accounts together. */
  rest?: readonly Rate[] | undefined;
  /** Events that one socket of a person sends. */
  socketEvents?: readonly Rate[] | undefined;
  /** Messages of one person. */
  userMessages?: readonly Rate[] | undefined;
  /** Messages in one conversation. */
  conversationMessages?: readonly Rate[] | undefined;
  /** Sockets of one person that are open at once on one node. */
  connections?: number | undefined;
}>;
