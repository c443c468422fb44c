import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';

type Message = Readonly<{ id: string }>;

export const save = (who: Caller, message: Message, more: Record<string, unknown> = {}): Promise<Payload> =>
  who.call('savedMessages.put', { messageId: message.id, ...more });
export const remove = (who: Caller, message: Message): Promise<Payload> => who.call('savedMessages.delete', { messageId: message.id });
export const list = (who: Caller, more: Record<string, unknown> = {}): Promise<Payload> => who.call('savedMessages.list', more);
export const itemsOf = async (who: Caller): Promise<Payload[]> => (await list(who)).items;

export const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** The entries of a person's feed about what they saved, as kind and payload. */
export const feedOf = (app: TestApp, who: Caller): readonly (readonly [string, Payload])[] =>
  app.told
    .filter(({ event, to, payload }) => event === 'user:event' && to['userId'] === who.id && payload['kind'].startsWith('saved_message.'))
    .map(({ payload }) => [payload['kind'], payload['payload']]);
