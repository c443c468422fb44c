import { bind, bindCached } from '@coucou/application/kernel/operation';
import type { QueueName } from '@coucou/application/ports/job-queue';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { token } from '@coucou/application/kernel/token';
import { after, before, hook } from '@coucou/application/kernel/hook';
import { accountErrors } from '@coucou/domain/accounts/account';
import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { suspensionErrors } from '@coucou/domain/moderation/suspension';
import { publicUseCase, useCase } from '@coucou/application/kernel/use-case';
import { memberLeft } from '@coucou/application/conversations/conversation-events';
import { messagePosted } from '@coucou/application/messages/message-events';
import { coreFeature } from '@coucou/features/core/feature';
import type { AppFeature } from '@coucou/features/feature';
import { conversationEvents } from '@coucou/features/conversations/events';
import { Clock } from '@coucou/application/ports/clock';
import { KeyedCalls } from '@coucou/application/ports/keyed-calls';
import { Transactions, unitOfWork } from '@coucou/application/ports/unit-of-work';
import { event as serverEvent } from '@coucou/contracts/kernel/event';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { cursor } from '@coucou/contracts/kernel/types';
import { asId } from '@coucou/domain/kernel/ids';
import { notificationKind } from '@coucou/domain/notifications/notification';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CompositionError, catalogueOf } from './catalogue.ts';
import { compose } from './compose.ts';
import { type Container, createContainer } from './container.ts';
import { features } from './features.ts';

const log = { warn: () => {} };

const Greeter = token<{ greet(): string }>('Greeter');

function bound(name: string, doors: Pick<Operation, 'http' | 'socket' | 'answersToken'> = {}) {
  const contract = operation({ name, summary: '', access: 'user', input: z.strictObject({}), output: z.string(), errors: [], ...doors });
  return bind(contract, useCase({ name, deps: { greeter: Greeter, clock: Clock }, run: async ({ greeter }) => greeter.greet() }), String);
}

function withPorts(): Container {
  const container = createContainer();
  container.provide(Clock, () => ({ now: () => new Date(0) }));
  container.provide(KeyedCalls, () => ({
    once: async () => {
      throw new Error('no call here has a key');
    },
    apart: (work) => work(),
    afterwards: (work) => work(),
  }));
  container.provide(Greeter, () => ({ greet: () => 'coucou' }));
  return container;
}

function faultsOf(list: readonly AppFeature[], container = withPorts()): readonly string[] {
  try {
    catalogueOf([
      coreFeature,
      { name: 'events', events: conversationEvents, errors: [authErrors, boundSessionErrors, accountErrors, suspensionErrors] },
      ...list,
    ]);
    compose(list, container, log);
  } catch (error) {
    if (error instanceof CompositionError) return error.faults;
    throw error;
  }
  return [];
}

const call = { requestId: 'r', account: asId<'account'>('a'), client: { ip: '', userAgent: '' } };

describe('composition', () => {
  it('gives every operation its ports', async () => {
    const { operations } = compose([{ name: 'm', operations: [bound('m.one')] }], withPorts(), log);
    expect(operations.map((ready) => ready.operation.name)).toEqual(['m.one']);
    expect(await operations[0]?.run({}, call)).toEqual({ body: 'coucou', existing: false });
  });

  it('runs hooks before and after an operation, and no hook fails it afterwards', async () => {
    const seen: unknown[] = [];
    const contract = operation({
      name: 'm.echo',
      summary: '',
      access: 'user',
      input: z.object({ text: z.string() }),
      output: z.string(),
      errors: [],
    });
    const echo = bind(contract, useCase({ name: 'm.echo', deps: {}, run: async (_, { text }: { text: string }) => text }), String);
    const hooks = [
      hook({ name: 'm.louder', at: before(contract), deps: {}, run: async (_, input) => ({ text: `${input.text}!` }) }),
      hook({ name: 'm.breaks', at: after(contract), deps: {}, run: () => Promise.reject(errors.FORBIDDEN()) }),
      hook({ name: 'm.heard', at: after(contract), deps: {}, run: async (_, told) => void seen.push(told) }),
    ];
    const { operations } = compose([{ name: 'm', operations: [echo], hooks }], withPorts(), log);
    expect(await operations[0]?.run({ text: 'coucou' }, call)).toEqual({ body: 'coucou!', existing: false });
    await vi.waitFor(() => expect(seen).toEqual([{ input: { text: 'coucou!' }, answer: 'coucou!' }]));
  });

  it('gives every subscriber its ports', async () => {
    const seen: string[] = [];
    const listens = subscriber({
      name: 'm.listens',
      on: messagePosted,
      deps: { greeter: Greeter },
      run: async ({ greeter }, event) => void seen.push(`${greeter.greet()} ${event.messageIds.length}`),
    });
    const { subscribers } = compose([{ name: 'm', subscribers: [listens] }], withPorts(), log);
    await subscribers[0]?.run([{ id: '1', account: call.account, type: 'message.posted', messageIds: [] }]);
    expect(seen).toEqual(['coucou 0']);
  });

  it('names every missing port, by module and operation', () => {
    const subscribers = [subscriber({ name: 'b.listens', on: memberLeft, deps: { greeter: Greeter }, run: async () => {} })];
    const list: AppFeature[] = [
      { name: 'a', operations: [bound('a.one')] },
      { name: 'b', operations: [bound('b.one')], subscribers },
    ];
    expect(faultsOf(list, createContainer())).toEqual([
      'a: a.one needs Greeter, which no feature and no adapter provides',
      'a: a.one needs Clock, which no feature and no adapter provides',
      'b: b.one needs Greeter, which no feature and no adapter provides',
      'b: b.one needs Clock, which no feature and no adapter provides',
      'b: b.listens needs Greeter, which no feature and no adapter provides',
    ]);
  });

  it('takes an event with subscribers of one queue, or of none', () => {
    const listens = (name: string, queue?: QueueName) =>
      subscriber({ name, on: memberLeft, deps: {}, ...(queue && { queue }), run: async () => {} });
    expect(faultsOf([{ name: 'a', subscribers: [listens('a.one', 'bulk'), listens('a.two', 'bulk')] }])).toEqual([]);
    expect(faultsOf([{ name: 'a', subscribers: [listens('a.one', 'bulk'), listens('a.two')] }])).toEqual([
      'the event member.left has subscribers of several kinds: a.one (bulk), a.two (in batches)',
    ]);
  });

  it('takes no port for a repository, and no repository for a port', () => {
    const Notes = token<object>('Notes');
    const both = subscriber({
      name: 'a.listens',
      on: memberLeft,
      deps: { uow: unitOfWork({ greeter: Greeter }), notes: Notes },
      run: async () => {},
    });
    const container = withPorts();
    container.provide(Transactions, () => expect.unreachable());
    const storage = { repositories: [{ token: Notes, make: () => ({}) }] };
    expect(faultsOf([{ name: 'a', subscribers: [both], storage }], container)).toEqual([
      'a: a.listens needs Notes, which no feature and no adapter provides',
      'a: a.listens needs the repository Greeter, which no feature provides',
    ]);
  });

  it('names every cursor that would leave the server readable, or come back unopened', () => {
    const listing = (name: string, input: z.ZodType, output: z.ZodType, codes: readonly string[] = ['CURSOR_INVALID']) => {
      const contract = operation({ name, summary: '', access: 'public', input, output, errors: codes });
      return bind(contract, publicUseCase({ name, deps: {}, run: async () => ({}) }), (answer) => answer);
    };
    const [takes, page] = [z.strictObject({ cursor: cursor.optional() }), z.object({ nextCursor: cursor.nullable() })];
    const operations = [
      listing('a.fine', takes, page),
      listing('a.choice', z.union([takes, z.strictObject({ q: z.string() })]), page),
      listing('a.nested', takes, z.object({ things: z.object({ nextCursor: cursor }) })),
      listing('a.each', takes, z.array(page)),
      listing('a.other', z.strictObject({ pageCursor: cursor }), page),
      listing('a.shape', takes, z.object({ nextCursor: z.object({ at: z.string() }) })),
      listing('a.silent', takes, page, []),
    ];
    const wrong = (field: string) =>
      `the cursor ${field} would not be sealed: an operation takes text as cursor or headsCursor and answers it as nextCursor or headsCursor, at the top level`;
    expect(faultsOf([{ name: 'a', operations }])).toEqual([
      `a.nested: ${wrong('nextCursor')}`,
      `a.each: ${wrong('nextCursor')}`,
      `a.other: ${wrong('pageCursor')}`,
      'a.other: answers nextCursor and does not take it as cursor',
      `a.shape: ${wrong('nextCursor')}`,
      'a.silent: takes a cursor and does not name CURSOR_INVALID',
    ]);
  });

  it('caches answers of what is fit for it and says so, and of nothing that a hook has to see', () => {
    const get = { method: 'GET', path: '/things', status: 200 } as const;
    const reading = (more: Partial<Operation> = { conditional: true }) => {
      const shape = {
        name: 'a.one',
        summary: '',
        access: 'user',
        http: get,
        input: z.strictObject({}),
        output: z.string(),
        errors: [],
      } as const;
      const contract: Operation<z.ZodObject, z.ZodString, 'user'> = operation({ ...shape, ...(more as object) });
      return bind(contract, useCase({ name: 'a.one', deps: {}, run: async () => 'read' }), String);
    };
    const cached = (more?: Partial<Operation>) => bindCached(reading(more), {}, async () => 'a validator');
    const ready = (hooks: NonNullable<AppFeature['hooks']>) =>
      compose([{ name: 'a', operations: [cached()], hooks }], withPorts(), log).operations[0]?.validate;
    expect(ready([])).toBeDefined();
    expect(ready([hook({ name: 'a.sees', at: after(reading().operation), deps: {}, run: async () => {} })])).toBeUndefined();
    const both = 'needs both `conditional` in its contract and `bindCached`';
    for (const half of [reading(), cached({})]) expect(faultsOf([{ name: 'a', operations: [half] }])).toEqual([`a: a.one ${both}`]);
    const unfit = 'cannot be cached: only a GET of a person that answers JSON, without a limit of its own';
    for (const more of [{ http: { ...get, method: 'POST' } }, { limit: 'messages' }, { http: { ...get, file: 'download' } }] as const)
      expect(faultsOf([{ name: 'a', operations: [cached({ conditional: true, ...more })] }])).toEqual([`a: answers of a.one ${unfit}`]);
  });

  it('names a setting that is the server’s own', () => {
    const names = { PORT: { about: '', expects: 'a port', schema: z.string() } };
    expect(faultsOf([{ name: 'a', settings: { port: Greeter, names, read: () => ({}) } }])).toEqual([
      'a: the setting PORT is the server’s own',
    ]);
  });

  it('names everything that is declared twice', () => {
    const schema = { name: 'things', migrations: {}, functions: [], personalData: {} };
    const again = { feedEntries: { 'thing.changed': z.object({}) }, notificationKinds: [notificationKind('thing')] };
    const list: AppFeature[] = [
      {
        name: 'a',
        storage: { schema },
        ...again,
        operations: [
          bound('same.name'),
          bound('a.get', { socket: 'thing:get', http: { method: 'GET', path: '/things/:id', status: 200 } }),
        ],
      },
      {
        name: 'b',
        storage: { schema },
        ...again,
        operations: [
          bound('same.name'),
          bound('b.get', { socket: 'thing:get', http: { method: 'GET', path: '/things/:thingId', status: 200 } }),
          bound('b.put', { http: { method: 'PUT', path: '/things/:id', status: 200 } }),
        ],
      },
    ];
    expect(faultsOf(list)).toEqual([
      'the operation same.name is declared 2 times: a: same.name, b: same.name',
      'the socket event same.name is declared 2 times: a: same.name, b: same.name',
      'the socket event thing:get is declared 2 times: a: a.get, b: b.get',
      'the route GET /things/: is declared 2 times: a: a.get, b: b.get',
      'the feed entry thing.changed is declared 2 times: a, b',
      'the notification kind thing is declared 2 times: a, b',
      'the schema things is declared 2 times: a, b',
    ]);
  });

  it('keeps the names of the socket protocol', () => {
    expect(faultsOf([{ name: 'a', operations: [bound('a.one', { socket: 'disconnect' })] }])).toEqual([
      'a: a.one takes the socket event disconnect, which the protocol keeps for itself',
    ]);
    expect(faultsOf([{ name: 'a', operations: [bound('ping')] }])).toEqual([
      'a: ping takes the socket event ping, which the protocol keeps for itself',
    ]);
    expect(faultsOf([{ name: 'a', connectionEvents: [serverEvent('disconnecting', '', {})] }])).toEqual([
      'a: the event disconnecting has a name that the protocol keeps for itself',
    ]);
  });
});

describe('an alias on sockets', () => {
  it('is none of the operation’s own name', () => {
    expect(faultsOf([{ name: 'a', operations: [bound('a.one', { socket: 'a.one' })] }])).toEqual([
      'the socket event a.one is declared 2 times: a: a.one, a: a.one',
    ]);
  });

  it('is for operations that can be called there', () => {
    expect(faultsOf([{ name: 'a', operations: [bound('a.one', { socket: 'a:one', answersToken: true })] }])).toEqual([
      'a: a.one has the alias a:one on sockets, and cannot be called there',
    ]);
  });
});

describe('the features of this server', () => {
  it('contradict each other nowhere', () => {
    expect(catalogueOf(features).operations.length).toBeGreaterThan(50);
  });
});

describe('a scope of API keys', () => {
  it('belongs to an operation of administration, and says of what it is', () => {
    const scoped = (access: 'user' | 'admin', scope: string) => {
      const contract = operation({ name: 'a.one', summary: '', access, scope, input: z.strictObject({}), output: z.string(), errors: [] });
      return faultsOf([{ name: 'a', operations: [{ ...bound('a.one'), operation: contract }] }]);
    };
    expect(scoped('admin', 'word-lists:read')).toEqual([]);
    for (const [access, scope] of [
      ['user', 'things:read'],
      ['admin', 'things'],
      ['admin', 'things:*'],
    ] as const)
      expect(scoped(access, scope)).toEqual([`a: a.one has the scope ${scope}; one of administration has one, as in users:read`]);
  });
});
