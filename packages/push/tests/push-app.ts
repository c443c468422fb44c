import { Clock } from '@coucou/application/ports/clock';
import { PresenceRegistry } from '@coucou/application/ports/presence';
import { asId } from '@coucou/domain/kernel/ids';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import { type Device, webPush } from '../../../tests/support/push-service.ts';
import { type Caller, openTestApp, type TestApp, type TestAppOptions } from '../../../tests/support/test-app.ts';

/** Push services of tests are on this machine, which an operator would have to allow. */
export const openPushApp = ({ overrides = [], ...options }: TestAppOptions = {}): Promise<TestApp> =>
  openTestApp({ ...options, overrides: [outboundTo({ allow: ['127.0.0.1'] }), webPush, ...overrides] });

/** Somebody with a session of their own. */
export const signedIn = async (app: TestApp, name: string, account?: Caller['account']): Promise<Caller> =>
  app.signIn(await app.person(name, account));

export const subscribe = (who: Caller, device: Device): Promise<Payload> =>
  who.call('push.subscribe', { service: 'web', ...device.subscription });

/** Lets this much time pass, and runs what has become due. */
export async function pass(app: TestApp, seconds: number): Promise<void> {
  app.time.now = new Date(app.container.resolve(Clock).now().getTime() + seconds * 1_000);
  await app.dueNow();
  await app.settled();
}

/** Opens a connection of the device whose session this is, as a socket would. */
export function connect(app: TestApp, { account, id: userId }: Caller, sessionId: string) {
  const presence = app.container.resolve(PresenceRegistry);
  const connectionId = `of ${sessionId}`;
  presence.connected({ account, userId, sessionId: asId(sessionId), type: 'browser' }, connectionId);
  return { idle: () => presence.set(connectionId, 'away'), close: () => presence.disconnected(connectionId) };
}
