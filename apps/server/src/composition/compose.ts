import type { Call, UserCall } from '@coucou/application/kernel/call';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { JobReport } from '@coucou/application/kernel/job';
import { hookPoint } from '@coucou/application/kernel/hook';
import type { Answer } from '@coucou/application/kernel/operation';
import type { Subscriber } from '@coucou/application/kernel/subscriber';
import type { Timing } from '@coucou/application/kernel/timing';
import { needsOf, repositoriesOf, type Token } from '@coucou/application/kernel/token';
import { Hooks } from '@coucou/application/ports/hooks';
import { ApiScopes } from '@coucou/application/ports/programs';
import { KeyedCalls } from '@coucou/application/ports/keyed-calls';
import type { Stopping } from '@coucou/application/ports/schedules';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { AppFeature } from '@coucou/features/feature';
import { createHooks } from '@coucou/runtime/hooks';
import type { ReadySubscriber } from '@coucou/runtime/attempt';
import { CompositionError } from './catalogue.ts';
import type { Container } from './container.ts';
import { cursorFaults } from './cursor-faults.ts';

/** A job that has its ports. */
export type ReadyJob = Readonly<{ name: string; timing: Timing; run: (stopping: Stopping) => Promise<JobReport> }>;

export type Composed = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  subscribers: readonly (ReadySubscriber & Pick<Subscriber, 'queue'>)[];
  jobs: readonly ReadyJob[];
}>;

export type ComposeOptions = Readonly<{ warn: (details: object, message: string) => void }>;

/** What features do, with their ports. Throws a `CompositionError` that names every missing port and every cursor that would not be sealed. */
export function compose(features: readonly AppFeature[], container: Container, log: ComposeOptions): Composed {
  const { portsOf } = container;
  // With their ports only when they first run: a hook may need ports that need the hooks' own port.
  const hooks = features.flatMap(({ hooks: some = [] }) =>
    some.map((each) => {
      const run = late(() => portsOf(each.deps), each.run);
      // Whatever it writes is not the write of the call that comes upon it.
      const apart = late(
        () => container.resolve(KeyedCalls),
        (calls, ...args: Parameters<typeof run>) => calls.apart(() => run(...args)),
      );
      return { ...each, run: apart };
    }),
  );
  container.provide(Hooks, () => createHooks(hooks, log));
  const contracts = features.flatMap(({ operations = [] }) => operations.map(({ operation }) => operation));
  container.provide(ApiScopes, () => new Set(contracts.flatMap(({ scope = [] }) => scope)));
  const faults = [...missingPorts(features, container), ...cursorFaults(contracts), ...cacheFaults(features)];
  if (faults.length > 0) throw new CompositionError(faults);
  const points = new Set(hooks.map(({ at }) => at));
  return {
    operations: features.flatMap(({ operations = [] }) =>
      operations.map(({ operation, deps, build, buildResent, buildValidate }) => {
        const ports = portsOf(deps);
        const resent = buildResent?.(ports);
        const run = withHooks(operation, { run: build(ports), resent }, points, container);
        // A hook is to see every call, and may make another answer of it.
        const validate = pointsOf(operation).some(({ name }) => points.has(name)) ? undefined : buildValidate?.(ports);
        return { operation, run, resent, validate };
      }),
    ),
    subscribers: features.flatMap(({ subscribers = [] }) =>
      subscribers.map(({ name, on, deps, queue, asyncCommit, run }) => {
        const ports = portsOf(deps);
        return { name, on, queue, asyncCommit, run: (events, context) => run(ports, events, context) };
      }),
    ),
    jobs: features.flatMap(({ jobs = [] }) =>
      jobs.map(({ name, deps, run, ...timing }) => {
        const ports = portsOf(deps);
        return { name, timing, run: (stopping) => run(ports, stopping) };
      }),
    ),
  };
}

function late<P, Args extends readonly unknown[], R>(ports: () => P, run: (ports: P, ...args: Args) => R): (...args: Args) => R {
  let made: P | undefined;
  return (...args) => run((made ??= ports()), ...args);
}

type Run = (input: unknown, call: Call) => Promise<Answer>;
type Runs = Readonly<{ run: Run; resent: ((input: unknown, call: Call) => Promise<Answer | undefined>) | undefined }>;

const pointsOf = ({ name }: Operation) => [hookPoint<unknown>(`before ${name}`), hookPoint<unknown>(`after ${name}`)] as const;

/** Hooks around an operation: an operation without any runs as it is, and a resend is answered before those that stand before it. */
function withHooks(operation: Operation, { run, resent }: Runs, points: ReadonlySet<string>, container: Container): Run {
  const [before, after] = pointsOf(operation);
  if (!points.has(before.name) && !points.has(after.name)) return run;
  return async (input, call) => {
    const hooks = container.resolve(Hooks);
    const isHooked = points.has(before.name);
    const earlier = isHooked ? await resent?.(input, call) : undefined;
    if (earlier !== undefined) return earlier;
    const passed = isHooked ? await hooks.run(before, input, call as UserCall, (changed) => accepted(operation.input, changed)) : input;
    const answer = await run(passed, isHooked ? { ...call, sent: input } : call);
    // Nothing has happened before the commit.
    container.resolve(KeyedCalls).afterwards(() => hooks.notify(after, { input: passed, answer: answer.body }, call as UserCall));
    return answer;
  };
}

/** What a hook made of an input, as the operation's schema reads it. */
function accepted(schema: Operation['input'], input: unknown): unknown {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new TypeError(`the hook answers an input that the operation refuses: ${faults}`);
}

/** What is documented as answered by an entity tag, and is not; the other way round; and calls that a cache must not answer. */
const cacheFaults = (features: readonly AppFeature[]): string[] =>
  features.flatMap(({ name: feature, operations = [] }) =>
    operations.flatMap(({ operation: { name, conditional, http, limit, access, output }, buildValidate }) => {
      if (conditional === undefined && buildValidate === undefined) return [];
      const isFit = http?.method === 'GET' && http.file === undefined && output !== undefined && access === 'user' && limit === undefined;
      return [
        ...(conditional !== undefined && buildValidate !== undefined
          ? []
          : [`${feature}: ${name} needs both \`conditional\` in its contract and \`bindCached\``]),
        ...(isFit
          ? []
          : [`${feature}: answers of ${name} cannot be cached: only a GET of a person that answers JSON, without a limit of its own`]),
      ];
    }),
  );

function missingPorts(features: readonly AppFeature[], container: Container): string[] {
  const repositories = new Set<Token<unknown>>(features.flatMap(({ storage }) => (storage?.repositories ?? []).map(({ token }) => token)));
  return features.flatMap(({ name: feature, operations = [], subscribers = [], hooks = [], jobs = [] }) => {
    const needs = [...operations.map(({ operation, deps }) => ({ name: operation.name, deps })), ...subscribers, ...hooks, ...jobs];
    return needs.flatMap(({ name, deps }) => [
      ...needsOf(deps)
        .filter((token) => !container.has(token))
        .map((token) => `${feature}: ${name} needs ${(token as symbol).description}, which no feature and no adapter provides`),
      ...repositoriesOf(deps)
        .filter((token) => !repositories.has(token))
        .map((token) => `${feature}: ${name} needs the repository ${(token as symbol).description}, which no feature provides`),
    ]);
  });
}
