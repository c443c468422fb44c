import { randomUUID } from 'node:crypto';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import { makeAccount } from '../support/accounts.ts';
import { auditOf } from '../support/audit-log.ts';
import type { HttpAnswer } from '../support/clients.ts';
import { startNodes } from '../support/either-engine.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus } from '../support/people.ts';
import { type Device, newDevice } from './device.ts';

/** Two nodes, or one on the embedded database, and an account on them that binds its sessions. */

export const PUBLIC_URL = 'https://chat.example.com/team';
export const ME = '/api/v1/auth/me';
export const LOGIN = '/api/v1/auth/login';
export const REFRESH = '/api/v1/auth/refresh';

export let here: ListeningApp;
/** The same on the embedded database. */
export let there: ListeningApp;
/** The ports of `here`. */
export let container: Container;
let close: () => Promise<void>;
export let account: Readonly<{ id: AccountId; clientKey: string }>;

export async function startBound(): Promise<void> {
  const started = await startNodes((name) => ({
    env: { PUBLIC_URL },
    overrides: { overrides: name === 'here' ? [(ports) => void (container = ports)] : [] },
  }));
  ({ close } = started);
  [here, there] = started.nodes;
  account = await makeAccount(container, { boundSessions: true });
}

export const stopBound = (): Promise<void> => close?.();

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
  const entries = await auditOf({ container }, account.id, userId);
  return entries.filter(({ action }) => action === 'dpop_refused').map(({ details }) => details);
}
