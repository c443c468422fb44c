import { isDeepStrictEqual } from 'node:util';
import type { HttpClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { freshRead, held, type Whose } from '../sync/fresh.ts';
import { profileOf } from '../sync/own.ts';
import type { SimulatedDevice } from './device.ts';

async function get(http: HttpClient, path: string): Promise<Payload> {
  const { status, body } = await http.call('GET', `/api/v1${path}`);
  if (status !== 200) throw new Error(`${path} was answered ${JSON.stringify(body)}`);
  return body;
}

/** What a device holds, after events and sync, equals what the server answers to someone who reads everything now. */
export const sayWhatDiffers = {
  /** What was there before the feed began to tell of it. */
  async begin({ replica: { own } }: SimulatedDevice, http: HttpClient): Promise<void> {
    own.preferences = await get(http, '/users/me/preferences');
    own.profile = profileOf((await get(http, '/auth/me')).user);
  },
  async end(device: SimulatedDevice, http: HttpClient, whose: Whose): Promise<string | undefined> {
    const comparable = { replica: device.replica, person: { id: device.user, http } } as unknown as Parameters<typeof freshRead>[0];
    const fresh = await freshRead(comparable, whose);
    const own = held(comparable, whose);
    return isDeepStrictEqual(JSON.parse(JSON.stringify(own)), JSON.parse(JSON.stringify(fresh))) ? undefined : firstDifference(own, fresh);
  },
};

/** The first place where two values differ, with both. */
function firstDifference(own: unknown, fresh: unknown, path = ''): string {
  const [a, b] = [own, fresh].map((value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))) as [Payload, Payload];
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object')
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      if (!isDeepStrictEqual(a[key], b[key])) return firstDifference(a[key], b[key], `${path}.${key}`);
  return `holds ${JSON.stringify(a)} as ${path}, where the server has ${JSON.stringify(b)}`;
}
