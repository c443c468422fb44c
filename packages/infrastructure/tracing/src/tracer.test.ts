import { errors } from '@coucou/domain/kernel/errors';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { harmless } from './harmless.ts';
import { createSampler, createTracer } from './tracer.ts';

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

const kept = new InMemorySpanExporter();
afterEach(() => kept.reset());

const tracerOf = (ratio: number) => {
  const provider = new TracerProvider({
    sampler: createSampler(ratio),
    spanProcessors: [new SimpleSpanProcessor({ exporter: harmless(kept) })],
  });
  return createTracer(provider.getTracer('test'), ratio);
};
const [always, never] = [tracerOf(1), tracerOf(0)];

/** By name: the name of the parent, and those of what it is linked to. */
function shape(): Record<string, unknown> {
  const spans = kept.getFinishedSpans();
  const nameOf = (id: string | undefined) => spans.find((span) => span.spanContext().spanId === id)?.name;
  return Object.fromEntries(
    spans.map(({ name, parentSpanContext, links }) => [
      name,
      [nameOf(parentSpanContext?.spanId), ...links.map((link) => nameOf(link.context.spanId))],
    ]),
  );
}

const carriedOf = (name: string) => always.entry(name, {}, () => always.carried());

it('nests parts, and begins with what comes in', async () => {
  await always.entry('call', {}, async () => {
    await Promise.resolve();
    await always.span('part', {}, async () => always.entry('call within', {}, () => {}));
  });
  always.span('part of nothing', {}, () => {});
  expect(shape()).toEqual({ 'call within': ['part'], part: ['call'], call: [undefined] });
});

it('continues the first that is traced, with links to the others', () => {
  const causes = [undefined, 'nonsense', carriedOf('first'), carriedOf('second'), never.entry('unseen', {}, () => never.carried())];
  always.continued([...causes, causes[2]], 'batch', {}, () => {});
  expect(shape()).toEqual({ first: [undefined], second: [undefined], batch: ['first', 'second'] });
});

it('leaves out what is not sampled, with all that is within and that follows', async () => {
  const carried = never.entry('call', {}, () => {
    always.entry('call within', {}, () => {});
    return always.span('part', {}, () => always.carried());
  });
  expect(carried).toBeUndefined();
  always.continued([carried], 'consequence', {}, () => always.span('part', {}, () => {}));
  // A loop that a call began, whose trace is still going on, works for another call.
  await always.entry('call that is sampled', {}, async () =>
    always.continued([carried], 'consequence', {}, async () => {
      await Promise.resolve();
      always.span('part', {}, () => {});
      always.entry('call within', {}, () => {});
    }),
  );
  expect(shape()).toEqual({ 'call that is sampled': [undefined] });
});

it('samples the configured ratio', () => {
  const tenth = tracerOf(0.1);
  for (let at = 0; at < 2_000; at += 1) tenth.entry(`call ${at}`, {}, () => {});
  const { length } = kept.getFinishedSpans();
  // More than seven standard deviations from the mean.
  expect(length).toBeGreaterThan(100);
  expect(length).toBeLessThan(300);
});

it('adds nothing to a trace for what goes on after its span has ended', async () => {
  const gate = Promise.withResolvers<void>();
  let loop: Promise<unknown> = Promise.resolve();
  always.entry('call', {}, () => {
    loop = gate.promise.then(() => [always.span('late', {}, () => always.carried()), always.entry('another call', {}, () => {})]);
  });
  gate.resolve();
  expect(await loop).toEqual([undefined, undefined]);
  expect(shape()).toEqual({ call: [undefined], 'another call': [undefined] });
});

it('says of what kind an error was, not what it says, and what callers did wrong is no failure', async () => {
  const quoting = new SyntaxError('"between us alone" is not JSON');
  const failing = (name: string, error: unknown) => always.entry(name, {}, async () => Promise.reject(error)).catch(() => {});
  await failing('bug', quoting);
  await failing('fault of a caller', errors.MALFORMED_JSON());
  expect(() =>
    always.entry('at once', { secret: 'between us alone' }, () => {
      throw quoting;
    }),
  ).toThrow(quoting);
  const told = kept.getFinishedSpans().map(({ name, status, attributes, events }) => ({ name, status, attributes, events }));
  expect(told).toEqual([
    { name: 'bug', status: { code: 2 }, attributes: { 'error.type': 'SyntaxError' }, events: [] },
    { name: 'fault of a caller', status: { code: 0 }, attributes: { 'error.type': 'MALFORMED_JSON' }, events: [] },
    { name: 'at once', status: { code: 2 }, attributes: { 'error.type': 'SyntaxError' }, events: [] },
  ]);
});
