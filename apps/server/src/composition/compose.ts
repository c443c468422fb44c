import type { AppModule } from '@coucou/application/kernel/module';
import type { Deps, Ports } from '@coucou/application/kernel/token';
import { Hooks } from '@coucou/application/ports/hooks';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { ReadySubscriber } from '@coucou/runtime/outbox-runner';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { Container } from './container.ts';
import { createHooks } from './hooks.ts';

export type Module = AppModule<Operation>;

/** What is missing or contradicts itself, all of it at once. */
export class CompositionError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the modules do not fit together:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'CompositionError';
    this.faults = faults;
  }
}

/** The operations and subscribers of these modules with their ports. Throws a `CompositionError`. */
export function compose(
  modules: readonly Module[],
  container: Container,
): { operations: ReadyOperation<Operation>[]; subscribers: ReadySubscriber[] } {
  const portsOf = (deps: Deps) =>
    Object.fromEntries(Object.entries(deps).map(([name, token]) => [name, container.resolve(token)])) as Ports<Deps>;
  container.provide(Hooks, () =>
    createHooks(
      modules.flatMap(({ hooks = [] }) => hooks),
      portsOf,
    ),
  );
  const faults = [...missingPorts(modules, container), ...duplicates(modules), ...reservedEvents(modules)];
  if (faults.length > 0) throw new CompositionError(faults);
  return {
    operations: modules.flatMap((module) =>
      module.operations.map(({ operation, deps, build }) => ({ operation, run: build(portsOf(deps)) })),
    ),
    subscribers: modules.flatMap(({ subscribers = [] }) =>
      subscribers.map(({ name, on, deps, run }) => {
        const ports = portsOf(deps);
        return { name, on, run: (events) => run(ports, events) };
      }),
    ),
  };
}

function missingPorts(modules: readonly Module[], container: Container): string[] {
  return modules.flatMap(({ name: module, operations, subscribers = [], hooks = [] }) => {
    const needs = [...operations.map(({ operation, deps }) => ({ name: operation.name, deps })), ...subscribers, ...hooks];
    return needs.flatMap(({ name, deps }) =>
      Object.values(deps)
        .filter((token) => !container.has(token))
        .map((token) => `${module}: ${name} needs the port ${(token as symbol).description}, which nobody provides`),
    );
  });
}

/** `/users/:id` and `/users/:userId` are one path. */
const routeOf = ({ http }: Operation) => http && `${http.method} ${http.path.replaceAll(/:\w+/g, ':')}`;

function duplicates(modules: readonly Module[]): string[] {
  const all = modules.flatMap((module) =>
    module.operations.map(({ operation }) => ({ operation, at: `${module.name}: ${operation.name}` })),
  );
  const subscribers = modules.flatMap((module) => (module.subscribers ?? []).map(({ name }) => ({ key: name, at: module.name })));
  const keyed = (key: (operation: Operation) => string | undefined) => all.map(({ operation, at }) => ({ key: key(operation), at }));
  return [
    ...twice(
      'the operation',
      all.map(({ operation, at }) => ({ key: operation.name, at })),
    ),
    ...twice(
      'the socket event',
      keyed(({ socket }) => socket),
    ),
    ...twice('the route', keyed(routeOf)),
    ...twice('the subscriber', subscribers),
  ];
}

function twice(what: string, entries: readonly { key: string | undefined; at: string }[]): string[] {
  const places = new Map<string, string[]>();
  for (const { key, at } of entries) if (key !== undefined) places.set(key, [...(places.get(key) ?? []), at]);
  return [...places]
    .filter(([, at]) => at.length > 1)
    .map(([key, at]) => `${what} ${key} is declared ${at.length} times: ${at.join(', ')}`);
}

/** Names that the socket protocol, or the libraries beneath it, keep for themselves. */
const reserved = new Set(
  'ack authenticate authenticated batch closing connect connect_error connected connecting disconnect disconnecting error newListener ping pong removeListener'.split(
    ' ',
  ),
);

const reservedEvents = (modules: readonly Module[]): string[] =>
  modules.flatMap((module) =>
    module.operations
      .filter(({ operation: { socket } }) => socket !== undefined && reserved.has(socket))
      .map(
        ({ operation }) =>
          `${module.name}: ${operation.name} takes the socket event ${operation.socket}, which the protocol keeps for itself`,
      ),
  );
