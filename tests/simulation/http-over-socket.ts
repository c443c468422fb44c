import type { Operation } from '@coucou/contracts/kernel/operation';
import type { HttpClient, Result } from '../support/clients.ts';

type Call = (operation: string, input: Record<string, unknown>) => Promise<Result | undefined>;
type Route = Readonly<{ name: string; method: string; pattern: RegExp; keys: readonly string[] }>;

const routeOf = ({ name, http }: Pick<Operation, 'name' | 'http'>): Route[] => {
  if (http === undefined) return [];
  const keys = [...http.path.matchAll(/:(\w+)/g)].map(([, key]) => key ?? '');
  return [{ name, method: http.method, keys, pattern: new RegExp(`^/api/v1${http.path.replace(/:\w+/g, '([^/]+)')}$`) }];
};
const valueOf = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);

/** What asks over HTTP asks over a socket: the same operations, without a server of HTTP. */
export function httpOverSocket(operations: readonly Pick<Operation, 'name' | 'http'>[], call: Call): HttpClient {
  // Those without parameters first: /users/me is nobody's id.
  const routes = operations.flatMap(routeOf).toSorted((a, b) => a.keys.length - b.keys.length);
  return {
    async call(method, path) {
      const { pathname, searchParams } = new URL(path, 'http://localhost');
      const route = routes.find((one) => one.method === method && one.pattern.test(pathname));
      if (route === undefined) throw new Error(`there is no operation ${method} ${pathname}`);
      const values = route.pattern.exec(pathname)?.slice(1) ?? [];
      const input = Object.fromEntries([
        ...route.keys.map((key, at) => [key, decodeURIComponent(values[at] ?? '')]),
        ...[...searchParams].map(([key, value]) => [key, valueOf(value)]),
      ]);
      const result = await call(route.name, input);
      if (result === undefined) throw new Error(`${route.name} was not answered`);
      return result.ok
        ? { status: 200, body: result.data, headers: new Headers() }
        : { status: 400, body: result.error, headers: new Headers() };
    },
  };
}
