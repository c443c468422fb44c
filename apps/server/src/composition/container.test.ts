import { token } from '@coucou/application/kernel/token';
import { describe, expect, it } from 'vitest';
import { type Container, createContainer } from './container.ts';

const Greeter = token<{ greet(): string }>('Greeter');

function withGreeter(): Container {
  const container = createContainer();
  container.provide(Greeter, () => ({ greet: () => 'coucou' }));
  return container;
}

describe('the container', () => {
  it('makes a port once, when it is first asked for', () => {
    const container = createContainer();
    let made = 0;
    container.provide(Greeter, () => ({ greet: () => String((made += 1)) }));
    expect(made).toBe(0);
    expect(container.resolve(Greeter)).toBe(container.resolve(Greeter));
  });

  it('lets a later factory take the place of an earlier one', () => {
    const container = withGreeter();
    container.provide(Greeter, () => ({ greet: () => 'hello' }));
    expect(container.resolve(Greeter).greet()).toBe('hello');
  });

  it('shares nothing with another', () => {
    withGreeter();
    expect(createContainer().has(Greeter)).toBe(false);
  });
});
