import { parseSetCookie, type SetCookie, stringifyCookie } from 'cookie';
import { type HttpAnswer, httpClient } from '../support/clients.ts';

/** As much of a browser as cookies need: a jar for one host, and the headers that a page's calls carry. */
export type Browser = Readonly<{
  jar: Map<string, SetCookie>;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
}>;

export function browserAt(url: string): Browser {
  const jar = new Map<string, SetCookie>();
  const http = httpClient(url);
  return {
    jar,
    async call(method, path, body, headers = {}) {
      const cookie = stringifyCookie(Object.fromEntries([...jar.values()].map(({ name, value }) => [name, value])));
      const page = { ...(method !== 'GET' && { origin: url }), 'sec-fetch-site': 'same-origin' };
      const answer = await http.call(method, path, body, { ...page, ...(cookie !== '' && { cookie }), ...headers });
      for (const text of answer.headers.getSetCookie()) {
        const set = parseSetCookie(text);
        if (set.maxAge === 0) jar.delete(set.name);
        else jar.set(set.name, set);
      }
      return answer;
    },
  };
}

/** What a browser may keep under `__Host-` (RFC 6265bis, 4.1.3.2), and what keeps pages and other sites away. */
export const hostCookie = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;
