import { randomUUID } from 'node:crypto';
import type { Token } from '@coucou/application/kernel/token';
import { CurrentMembers } from '@coucou/application/ports/current-members';
import type { Announced, EventBus, Telling } from '@coucou/application/ports/event-bus';
import { HeadReader } from '@coucou/application/ports/head-reader';
import { MessageLog } from '@coucou/application/ports/message-log';
import { MessageIndex } from '@coucou/application/messages/repositories';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { SyncReader } from '@coucou/application/sync/sync-reader';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import type { Payload } from '../support/event-log.ts';

/** A bug in one adapter, which the simulation has to find. */
export type Plant = Readonly<{
  name: string;
  ports?: (container: Container) => void;
  bus?: (bus: EventBus) => EventBus;
  acknowledgesEarly?: true;
}>;

/** Replaces a port by one that does almost the same. */
const wrapped =
  <Port extends object>(port: Token<Port>, change: (inner: Port) => Partial<Port>) =>
  (container: Container): void => {
    const inner = container.resolve(port);
    container.provide(port, () => ({ ...inner, ...change(inner) }));
  };

/** Changes what is told of an event, on all nodes. */
const told =
  (change: (telling: Telling) => readonly Telling[]) =>
  (bus: EventBus): EventBus => ({
    ...bus,
    publish: (announced) =>
      bus.publish(announced.map((one): Announced => ({ ...one, tellings: one.tellings.flatMap((telling) => change(telling)) }))),
  });
const withPayload = (telling: Telling, change: (payload: Payload) => Payload): Telling => ({
  ...telling,
  payload() {
    const changed = change(JSON.parse(telling.payload().json));
    return { json: JSON.stringify(changed), version: changed.version };
  },
});

function toEverybody(): (telling: Telling) => readonly Telling[] {
  const known = new Set<UserId>();
  return (telling) => {
    if (telling.to.kind === 'devices') known.add(telling.to.userId);
    if (telling.event !== 'message:new') return [telling];
    return [telling, ...[...known].map((userId): Telling => ({ ...telling, to: { kind: 'devices', userId } }))];
  };
}

export const plants: readonly Plant[] = [
  { name: 'an acknowledgement before the commit', acknowledgesEarly: true },
  {
    name: 'a resend that is not recognised',
    ports: wrapped(MessageLog, (log) => ({
      findSent: async () => undefined,
      async append(request) {
        const result = await log.append(request);
        const again = { ...request.draft, id: asId<'message'>(randomUUID()), clientMessageId: randomUUID() };
        return result.status === 'duplicate' ? log.append({ ...request, draft: again }) : result;
      },
    })),
  },
  {
    name: 'a number that is taken outside the lock',
    ports: wrapped(MessageLog, (log) => {
      const last = new Map<string, number>();
      return {
        async append(request) {
          const before = last.get(request.draft.conversationId);
          const result = await log.append(request);
          if (result.status !== 'stored') return result;
          const seq = before === undefined ? result.message.seq : before + 1;
          last.set(request.draft.conversationId, seq);
          return { ...result, message: { ...result.message, seq } };
        },
      };
    }),
  },
  {
    name: 'a removal that the room does not hear of',
    ports: wrapped(CurrentMembers, (members) => ({
      present: async (account, conversation, among) => ({
        ...(await members.present(account, conversation, among)),
        joined: new Map(among.map((userId) => [userId, 0])),
      }),
    })),
  },
  {
    name: 'events that do not say by which access they are told',
    bus: told((telling) => ('accessVersion' in telling.to ? [{ ...telling, to: { ...telling.to, accessVersion: 1 } }] : [telling])),
  },
  { name: 'events that go to everybody', bus: (bus) => told(toEverybody())(bus) },
  {
    name: 'heads that are never announced',
    ports: wrapped(HeadReader, () => ({ ofConversations: async () => [], ofMember: async () => [], ofUsers: async () => [] })),
  },
  {
    name: 'a page of sync that lacks its last message',
    ports: wrapped(SyncReader, (reader) => ({
      epoch: reader.epoch,
      read: (account, viewer, work) =>
        reader.read(account, viewer, (moment) =>
          work({
            ...moment,
            async rows(plans) {
              const all = await moment.rows(plans);
              return new Map(
                [...all].map(([id, { messages, ...rest }]) => [
                  id,
                  { ...rest, messages: messages.slice(0, Math.max(1, messages.length - 1)) },
                ]),
              );
            },
          }),
        ),
    })),
  },
  {
    name: 'an event of an edit with the text of before',
    bus: told((telling) =>
      telling.event !== 'message:updated'
        ? [telling]
        : [
            withPayload(telling, (payload) => ({
              ...payload,
              ...(payload.message && {
                message: { ...payload.message, content: String(payload.message.content).replace(/ and more$/, '') },
              }),
            })),
          ],
    ),
  },
  {
    name: 'an event that tells the next version for its own',
    bus: told((telling) =>
      telling.event === 'reaction:changed'
        ? [withPayload(telling, (payload) => ({ ...payload, version: payload.version + 1 }))]
        : [telling],
    ),
  },
  {
    name: 'a reaction that is counted twice',
    bus: told((telling) =>
      telling.event === 'reaction:changed' ? [withPayload(telling, (payload) => ({ ...payload, count: payload.count + 1 }))] : [telling],
    ),
  },
  {
    name: 'an effect that is acknowledged and not carried out',
    ports: wrapped(Transactions, (transactions) => {
      let calls = 0;
      const index = async (): Promise<void> => {};
      return {
        write: (account, work) =>
          transactions.write(account, (tx) => {
            const repository: typeof tx.repository = (key) =>
              (key as unknown) === MessageIndex && (calls += 1) % 4 === 0 ? ({ index } as never) : tx.repository(key);
            return work({ ...tx, repository });
          }),
      };
    }),
  },
];
