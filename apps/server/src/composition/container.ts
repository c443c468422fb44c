import 'reflect-metadata';
import { type Deps, type Ports, type Resolve, resolvePorts, type Token } from '@coucou/application/kernel/token';
import { container, type InjectionToken, instanceCachingFactory } from 'tsyringe';

/** The ports of one app. Each app has a container of its own, so that several run side by side in one process. */
export interface Container {
  /** `make` runs when the port is first asked for, and once. A later factory takes the place of an earlier one. */
  provide<Value>(token: Token<Value>, make: (resolve: Resolve) => Value): void;
  has(token: Token<unknown>): boolean;
  resolve: Resolve;
  portsOf<D extends Deps>(deps: D): Ports<D>;
}

export function createContainer(): Container {
  const child = container.createChildContainer();
  const key = <Value>(token: Token<Value>) => token as unknown as InjectionToken<Value>;
  const resolve: Resolve = (token) => child.resolve(key(token));
  return {
    provide(token, make) {
      child.register(key(token), { useFactory: instanceCachingFactory(() => make(resolve)) });
    },
    has: (token) => child.isRegistered(key(token)),
    resolve,
    portsOf: (deps) => resolvePorts(deps, resolve),
  };
}
