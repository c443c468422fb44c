import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import { type Caller, type Calling, openTestApp, type TestApp, type TestAppOptions } from '../../../tests/support/test-app.ts';
import { answer, type Behaviour, type Receiver } from '../../../tests/support/webhook-receiver.ts';

/** Receivers of tests are on this machine, which an operator would have to allow. */
export const openHookApp = ({ overrides = [], ...options }: TestAppOptions = {}): Promise<TestApp> =>
  openTestApp({ ...options, overrides: [outboundTo({ allow: ['127.0.0.1'] }), ...overrides] });

/** The owner of an account of their own, and a member of it. */
export async function twoPeople(app: TestApp): Promise<readonly [Caller, Caller]> {
  const account = await app.account();
  return [await app.person('alice', account, 'owner'), await app.person('bob', account)];
}

export const create = (by: Calling, url: string, more: object = {}): Promise<Payload> =>
  by.call('admin.createBeforeSendHook', { url, onFailure: 'refuse', ...more });

export const shown = async (by: Calling): Promise<Payload> => (await by.call('admin.getBeforeSendHook')).hook;

export const says = (verdict: object): Behaviour => answer(200, { 'content-type': 'application/json' }, JSON.stringify(verdict));
export const ACCEPT = says({ action: 'accept' });

/** What was asked, the oldest first. */
export const asked = ({ requests }: Receiver): Payload[] => requests.map(({ body }) => JSON.parse(body).data);
