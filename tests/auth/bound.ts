import { randomUUID } from 'node:crypto';
import { SecurityEvents } from '@coucou/application/auth/repositories';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import { makeAccount } from '../support/accounts.ts';
import type { HttpAnswer } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus } from '../support/people.ts';
import { type Device, newDevice } from './device.ts';

/** Two nodes, and an account on them that binds its sessions. */

export const PUBLIC_URL = 'https://chat.example.com/team';
export const ME = '/api/v1/auth/me';
export const LOGIN = '/api/v1/auth/login';
export const REFRESH = '/api/v1/auth/refresh';

type Node = ListeningApp & Readonly<{ container: Container }>;
let database: Awaited<ReturnType<typeof createDatabase>>;
export let here: Node;
export let there: Node;
export let account: Readonly<{ id: AccountId; clientKey: string }>;

async function startNode(name: string): Promise<Node> {
  let container: Container | undefined;
  const app = await startTestApp({
    database,
    env: { PUBLIC_URL, MULTI_NODE: 'preview', INSTANCE_ID: name },
    overrides: { overrides: [(ports) => void (container = ports)] },
  });
  return Object.assign(app, { container: container as unknown as Container });
}

export async function startBound(): Promise<void> {
  database = await createDatabase();
  here = await startNode('here');
  there = await startNode('there');
  account = await makeAccount(here.container, { boundSessions: true });
}

export async function stopBound(): Promise<void> {
  await here?.close();
  await there?.close();
  await database?.drop();
}

export const named = () => ({ 'x-client-key': account.clientKey });

/** Somebody who signed up with a device. */
export async function someone(alg: 'ES256' | 'EdDSA' = 'ES256') {
  const device = await newDevice(alg);
  const username = `alice-${randomUUID().slice(0, 8)}`;
  const password = `a long password of ${username}`;
  const signup = {
    method: 'POST',
    path: '/api/v1/auth/signup',
    body: { username, email: `${username}@example.com`, password },
    headers: named(),
  };
  const session = expectStatus(await device.call(here.url, signup, PUBLIC_URL), 201);
  return { device, session, token: session.accessToken as string, refreshToken: session.refreshToken as string, username, password };
}

export const getMe = (device: Device, token: string, at: ListeningApp = here) =>
  device.call(at.url, { method: 'GET', path: ME, token }, PUBLIC_URL);
export const renew = (device: Device, refreshToken: string, at: ListeningApp = here) =>
  device.call(at.url, { method: 'POST', path: REFRESH, body: { refreshToken }, headers: named() }, PUBLIC_URL);
export const codeOf = ({ status, body, headers }: HttpAnswer) => [status, body?.code, headers.get('www-authenticate')];

export async function eventsOf(userId: string): Promise<unknown[]> {
  const uow = withRepositories(here.container.resolve(Transactions), { securityEvents: SecurityEvents });
  const events = await uow.read(account.id, ({ securityEvents }) => securityEvents.list(asId(userId), 100));
  return events.filter(({ kind }) => kind === 'dpop_refused').map(({ details }) => details);
}
