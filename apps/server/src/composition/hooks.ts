import type { Hook } from '@coucou/application/kernel/hook';
import type { Deps, Ports } from '@coucou/application/kernel/token';
import type { Hooks } from '@coucou/application/ports/hooks';

/** The hooks of all modules, in their order, each with its ports. A point without hooks costs nothing. */
export function createHooks(hooks: readonly Hook[], portsOf: (deps: Deps) => Ports<Deps>): Hooks {
  let ready: Map<string, ((value: never, call: never) => Promise<unknown>)[]> | undefined;
  // Made at the first use: a hook may need ports that need the hooks' own port.
  const build = () => {
    const byPoint = new Map<string, ((value: never, call: never) => Promise<unknown>)[]>();
    for (const { at, deps, run } of hooks) {
      const ports = portsOf(deps);
      byPoint.set(at, [...(byPoint.get(at) ?? []), (value, call) => run(ports, value, call)]);
    }
    return byPoint;
  };
  return {
    async run(point, value, call) {
      let passed = value;
      for (const run of (ready ??= build()).get(point) ?? []) passed = (await run(passed as never, call as never)) as typeof value;
      return passed;
    },
  };
}
