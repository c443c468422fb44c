import { accessErrors, commonErrors, idempotencyErrors, type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import type { AppFeature } from '@coucou/features/feature';
import { settings as serverSettings } from '../config/settings.ts';

/** Event names reserved by the socket protocol and its libraries. */
const reserved = new Set(
  'ack authenticate authenticated batch closing connect connect_error connected connecting disconnect disconnecting error newListener ping pong removeListener'.split(
    ' ',
  ),
);

/** Events of these names Socket.IO refuses to send. */
const unsendable = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

/** What an API key may do, as `things:read` and `things:write` say it. */
const SCOPE = /^[a-z]+(?:-[a-z]+)*:[a-z]+$/;

/** What is declared twice, or used and declared by nobody, in words; what depends on ports is left to `compose`. */
export const featureFaults = (features: readonly AppFeature[]): string[] => [
  ...doubled(features),
  ...undeclared(features),
  ...mixedLanes(features),
];

type Entry = Readonly<{ key: string | undefined; at: string }>;

/** `/users/:id` and `/users/:userId` are one path. */
const routeOf = ({ http }: Operation) => http && `${http.method} ${http.path.replaceAll(/:\w+/g, ':')}`;

function doubled(features: readonly AppFeature[]): string[] {
  const of = (keys: (feature: AppFeature) => readonly (string | undefined)[]): Entry[] =>
    features.flatMap((feature) => keys(feature).map((key) => ({ key, at: feature.name })));
  const ofOperations = (keys: (operation: Operation) => readonly (string | undefined)[]): Entry[] =>
    features.flatMap(({ name, operations = [] }) =>
      operations.flatMap(({ operation }) => keys(operation).map((key) => ({ key, at: `${name}: ${operation.name}` }))),
    );
  return [
    ...twice(
      'the feature',
      of(({ name }) => [name]),
    ),
    ...twice(
      'the operation',
      ofOperations(({ name }) => [name]),
    ),
    ...twice('the socket event', ofOperations(socketNames)),
    ...twice(
      'the route',
      ofOperations((operation) => [routeOf(operation)]),
    ),
    ...twice(
      'the error',
      of(({ errors = [] }) => errors.flatMap((table) => Object.values(table).map(({ code }) => code))),
    ),
    ...twice(
      'the audit action',
      of(({ auditActions = [] }) => auditActions.flatMap((table) => Object.values(table).map(({ name }) => name))),
    ),
    ...twice(
      'the event',
      of(({ events = [] }) => events.map(({ definition }) => definition.type)),
    ),
    ...twice(
      'the subscriber',
      of(({ subscribers = [] }) => subscribers.map(({ name }) => name)),
    ),
    ...twice(
      'the hook',
      of(({ hooks = [] }) => hooks.map(({ name }) => name)),
    ),
    ...twice(
      'the job',
      of(({ jobs = [] }) => jobs.map(({ name }) => name)),
    ),
    ...twice(
      'the message part',
      of(({ messageParts = {} }) => Object.keys(messageParts)),
    ),
    ...twice(
      'the feed entry',
      of(({ feedEntries = {} }) => Object.keys(feedEntries)),
    ),
    ...twice(
      'the notification kind',
      of(({ notificationKinds = [] }) => notificationKinds),
    ),
    ...twice(
      'the setting',
      of(({ settings }) => Object.keys(settings?.names ?? {})),
    ),
    ...twice(
      'the permission',
      of(({ permissions }) => Object.keys(permissions?.group ?? {})),
    ),
    ...twice(
      'the schema',
      of(({ storage }) => [storage?.schema?.name]),
    ),
    ...twice(
      'the repository',
      of(({ storage }) => (storage?.repositories ?? []).map(({ token }) => (token as symbol).description)),
    ),
    ...twice(
      'the reader',
      of(({ storage }) => (storage?.readers ?? []).map(({ token }) => (token as symbol).description)),
    ),
    ...wireNames(features),
  ];
}

function twice(what: string, entries: readonly Entry[]): string[] {
  const places = new Map<string, string[]>();
  for (const { key, at } of entries) if (key !== undefined) places.set(key, [...(places.get(key) ?? []), at]);
  return [...places]
    .filter(([, at]) => at.length > 1)
    .map(([key, at]) => `${what} ${key} is declared ${at.length} times: ${at.join(', ')}`);
}

/** Several domain events may go by one name on the wire, as long as it has one schema. */
function wireNames(features: readonly AppFeature[]): string[] {
  const schemas = new Map<string, unknown>();
  return features.flatMap(({ name: feature, connectionEvents = [], events = [] }) =>
    [...connectionEvents, ...events.flatMap(({ wires }) => wires)].flatMap((wire) => {
      const known = schemas.get(wire.name) ?? wire;
      schemas.set(wire.name, known);
      return known === wire ? [] : [`${feature}: the event ${wire.name} has two schemas on the wire`];
    }),
  );
}

/** An event is handed out once: in batches, or to one queue. */
function mixedLanes(features: readonly AppFeature[]): string[] {
  const subscribers = features.flatMap(({ subscribers: own = [] }) => own);
  const mixed = [...Map.groupBy(subscribers, ({ on }) => on)].filter(([, those]) => new Set(those.map(({ queue }) => queue)).size > 1);
  return mixed.map(
    ([event, those]) =>
      `the event ${event} has subscribers of several kinds: ${those.map(({ name, queue }) => `${name} (${queue ?? 'in batches'})`).join(', ')}`,
  );
}

function undeclared(features: readonly AppFeature[]): string[] {
  const codes = new Set(features.flatMap(({ errors = [] }) => errors.flatMap((table) => Object.values(table).map(({ code }) => code))));
  const durable = new Set(
    features.flatMap(({ events = [] }) => events.filter(({ definition }) => definition.fact !== undefined).map((e) => e.definition.type)),
  );
  const operations = features.flatMap(({ operations: some = [] }) => some.map(({ operation }) => operation));
  const names = new Set(operations.map(({ name }) => name));
  const faults = operations.flatMap(({ name, access, idempotencyKey, errors }) =>
    [...errors, ...commonErrors, ...accessErrors[access], ...(idempotencyKey === undefined ? [] : idempotencyErrors[idempotencyKey])]
      .filter((code) => !codes.has(code))
      .map((code) => `${name} can answer ${code}, which no feature declares`),
  );
  for (const {
    name: feature,
    subscribers = [],
    hooks = [],
    operations: own = [],
    settings,
    events = [],
    connectionEvents = [],
  } of features) {
    for (const name of Object.keys(settings?.names ?? {}))
      if (name in serverSettings) faults.push(`${feature}: the setting ${name} is the server’s own`);
    for (const { name } of [...connectionEvents, ...events.flatMap(({ wires }) => wires)])
      if (unsendable.has(name)) faults.push(`${feature}: the event ${name} has a name that the protocol keeps for itself`);
    for (const { name, on } of subscribers)
      if (!durable.has(on)) faults.push(`${feature}: ${name} subscribes to ${on}, which no feature declares as an event with a fact`);
    for (const { name, at } of hooks) {
      const operation = /^(?:before|after) (.+)$/.exec(at)?.[1];
      if (operation !== undefined && !names.has(operation))
        faults.push(`${feature}: ${name} hooks into ${operation}, which no feature offers`);
    }
    for (const { operation } of own) {
      if (operation.scope !== undefined && (operation.access !== 'admin' || !SCOPE.test(operation.scope)))
        faults.push(`${feature}: ${operation.name} has the scope ${operation.scope}; one of administration has one, as in users:read`);
      const called = socketNames(operation);
      for (const event of called.filter((each) => reserved.has(each)))
        faults.push(`${feature}: ${operation.name} takes the socket event ${event}, which the protocol keeps for itself`);
      if (operation.socket !== undefined && called.length === 0)
        faults.push(`${feature}: ${operation.name} has the alias ${operation.socket} on sockets, and cannot be called there`);
    }
  }
  return [...new Set(faults)];
}
