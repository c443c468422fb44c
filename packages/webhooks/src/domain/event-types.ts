/** What an endpoint can be told of. */
export const webhookEvents = [
  'message.created',
  'message.updated',
  'message.deleted',
  'conversation.created',
  'conversation.updated',
  'conversation.deleted',
  'member.joined',
  'member.updated',
  'member.left',
  'user.updated',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** The type of the fact in the outbox that an event is made of. */
export const factTypeOf = (event: WebhookEvent): string => (event === 'message.created' ? 'message.posted' : event);

/** The same for every attempt, every replay and every endpoint. It holds no full stop, as Standard Webhooks wants it. `index`: within the fact. */
export const eventIdOf = (factId: string, index: number): string => (index === 0 ? `evt_${factId}` : `evt_${factId}_${index}`);

/** Sent on demand, to any endpoint. */
export const TEST_EVENT = 'webhook.test';
export type DeliveredEvent = WebhookEvent | typeof TEST_EVENT;
