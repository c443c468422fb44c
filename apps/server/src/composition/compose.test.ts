import { bind } from '@coucou/application/kernel/module';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { token } from '@coucou/application/kernel/token';
import { publicUseCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CompositionError, compose, type Module } from './compose.ts';
import { type Container, createContainer } from './container.ts';
import { modules } from './modules.ts';

const Greeter = token<{ greet(): string }>('Greeter');

function bound(name: string, doors: Pick<Operation, 'http' | 'socket'> = {}) {
  const contract = operation({ name, summary: '', access: 'public', input: z.strictObject({}), output: z.string(), errors: [], ...doors });
  return bind(
    contract,
    publicUseCase({ name, deps: { greeter: Greeter, clock: Clock }, run: async ({ greeter }) => greeter.greet() }),
    String,
  );
}

function withPorts(): Container {
  const container = createContainer();
  container.provide(Clock, () => ({ now: () => new Date(0) }));
  container.provide(Greeter, () => ({ greet: () => 'coucou' }));
  return container;
}

function faultsOf(list: readonly Module[], container = withPorts()): readonly string[] {
  try {
    compose(list, container);
  } catch (error) {
    if (error instanceof CompositionError) return error.faults;
    throw error;
  }
  return [];
}

const call = { requestId: 'r', account: asId<'account'>('a'), client: { ip: '', userAgent: '' } };

describe('the container', () => {
  it('makes a port once, when it is first asked for', () => {
    const container = createContainer();
    let made = 0;
    container.provide(Greeter, () => ({ greet: () => String((made += 1)) }));
    expect(made).toBe(0);
    expect(container.resolve(Greeter)).toBe(container.resolve(Greeter));
  });

  it('lets a later factory take the place of an earlier one', () => {
    const container = withPorts();
    container.provide(Greeter, () => ({ greet: () => 'hello' }));
    expect(container.resolve(Greeter).greet()).toBe('hello');
  });

  it('shares nothing with another', () => {
    withPorts();
    expect(createContainer().has(Greeter)).toBe(false);
  });
});

describe('composition', () => {
  it('gives every operation its ports', async () => {
    const { operations } = compose([{ name: 'm', operations: [bound('m.one')] }], withPorts());
    expect(operations.map((ready) => ready.operation.name)).toEqual(['m.one']);
    expect(await operations[0]?.run({}, call)).toEqual({ body: 'coucou', existing: false });
  });

  it('gives every subscriber its ports', async () => {
    const seen: string[] = [];
    const listens = subscriber({
      name: 'm.listens',
      on: 'message.posted',
      deps: { greeter: Greeter },
      run: async ({ greeter }, event) => void seen.push(`${greeter.greet()} ${event.messageIds.length}`),
    });
    const { subscribers } = compose([{ name: 'm', operations: [], subscribers: [listens] }], withPorts());
    await subscribers[0]?.run([{ id: '1', account: call.account, type: 'message.posted', conversationId: asId('c'), messageIds: [] }]);
    expect(seen).toEqual(['coucou 0']);
  });

  it('names every missing port, by module and operation', () => {
    const subscribers = [subscriber({ name: 'b.listens', on: 'member.left', deps: { greeter: Greeter }, run: async () => {} })];
    const list: Module[] = [
      { name: 'a', operations: [bound('a.one')] },
      { name: 'b', operations: [bound('b.one')], subscribers },
    ];
    expect(faultsOf(list, createContainer())).toEqual([
      'a: a.one needs the port Greeter, which nobody provides',
      'a: a.one needs the port Clock, which nobody provides',
      'b: b.one needs the port Greeter, which nobody provides',
      'b: b.one needs the port Clock, which nobody provides',
      'b: b.listens needs the port Greeter, which nobody provides',
    ]);
  });

  it('names everything that is declared twice', () => {
    const list: Module[] = [
      {
        name: 'a',
        operations: [
          bound('same.name'),
          bound('a.get', { socket: 'thing:get', http: { method: 'GET', path: '/things/:id', status: 200 } }),
        ],
      },
      {
        name: 'b',
        operations: [
          bound('same.name'),
          bound('b.get', { socket: 'thing:get', http: { method: 'GET', path: '/things/:thingId', status: 200 } }),
          bound('b.put', { http: { method: 'PUT', path: '/things/:id', status: 200 } }),
        ],
      },
    ];
    expect(faultsOf(list)).toEqual([
      'the operation same.name is declared 2 times: a: same.name, b: same.name',
      'the socket event thing:get is declared 2 times: a: a.get, b: b.get',
      'the route GET /things/: is declared 2 times: a: a.get, b: b.get',
    ]);
  });

  it('keeps the names of the socket protocol', () => {
    expect(faultsOf([{ name: 'a', operations: [bound('a.one', { socket: 'disconnect' })] }])).toEqual([
      'a: a.one takes the socket event disconnect, which the protocol keeps for itself',
    ]);
  });
});

describe('the modules of this server', () => {
  it('contradict each other nowhere', () => {
    const faults = faultsOf(modules, createContainer());
    expect(faults.filter((fault) => !fault.includes('needs the port'))).toEqual([]);
  });
});
