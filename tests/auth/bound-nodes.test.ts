import { randomUUID } from 'node:crypto';
import { Claims } from '@coucou/application/auth/repositories';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import type { Container } from '@coucou/server/composition/container';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAccount } from '../support/accounts.ts';
import { httpClient } from '../support/clients.ts';
import { createDatabase, redisUrl } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus } from '../support/people.ts';
import { type Device, newDevice } from './device.ts';

const ME = '/api/v1/auth/me';
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

type Node = ListeningApp & Readonly<{ ports: Container }>;

async function start(options: Parameters<typeof startTestApp>[0] = {}): Promise<Node> {
  let ports: Container | undefined;
  const app = await startTestApp({ ...options, overrides: { overrides: [(container) => void (ports = container)] } });
  undo.push(() => app.close());
  return Object.assign(app, { ports: ports as unknown as Container });
}

async function signUpAt(node: Node, publicUrl = node.url): Promise<Readonly<{ device: Device; token: string; account: string }>> {
  const { id, clientKey } = await makeAccount(node.ports, { boundSessions: true });
  const device = await newDevice();
  const username = `alice-${randomUUID().slice(0, 8)}`;
  const body = { username, email: `${username}@example.com`, password: `a long password of ${username}` };
  const signup = { method: 'POST', path: '/api/v1/auth/signup', body, headers: { 'x-client-key': clientKey } };
  const { accessToken } = expectStatus(await device.call(node.url, signup, publicUrl), 201);
  return { device, token: accessToken, account: id };
}

const send = (at: ListeningApp, token: string, dpop: string) =>
  httpClient(at.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });

describe('one node', () => {
  it('on the embedded database, without a public address, is called by any name of loopback and remembers by itself', async () => {
    const node = await start();
    const { device, token } = await signUpAt(node);
    const url = `${node.url.replace('127.0.0.1', 'localhost')}${ME}`;
    const dpop = await device.proof({ method: 'GET', url, token });
    expect((await send(node, token, dpop)).status).toBe(200);
    expect((await send(node, token, dpop)).body.code).toBe('DPOP_PROOF_REUSED');
  });

  it('asks for another proof after a start: it cannot tell which were used before', async () => {
    const database = await createDatabase();
    undo.push(() => database.drop());
    const PUBLIC_URL = 'https://chat.example.com';
    const first = await start({ database, env: { PUBLIC_URL } });
    const { device, token } = await signUpAt(first, PUBLIC_URL);
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    expect((await send(first, token, dpop)).status).toBe(200);
    await first.close();
    const second = await start({ database, env: { PUBLIC_URL } });
    expect((await send(second, token, dpop)).body.code).toBe('DPOP_NONCE_REQUIRED');
    expect((await device.call(second.url, { method: 'GET', path: ME, token }, PUBLIC_URL)).status).toBe(200);
  });
});

describe('two nodes with Redis', () => {
  it('take a proof once, and write nothing to the database for a call', async () => {
    const database = await createDatabase();
    undo.push(() => database.drop());
    const PUBLIC_URL = 'https://chat.example.com';
    const node = (name: string) => start({ database, redisUrl: redisUrl(), env: { PUBLIC_URL, INSTANCE_ID: name } });
    const [here, there] = [await node('here'), await node('there')];
    const { device, token, account } = await signUpAt(here, PUBLIC_URL);
    const dpops = await Promise.all(Array.from({ length: 10 }, () => device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token })));
    for (const dpop of dpops) expect((await send(here, token, dpop)).status).toBe(200);
    for (const dpop of dpops) expect((await send(there, token, dpop)).body.code).toBe('DPOP_PROOF_REUSED');
    // What expires is forgotten, and says how much there was: the one claim of the sign-up.
    const uow = withRepositories(here.ports.resolve(Transactions), { claims: Claims });
    const all = new Date(Date.now() + 86_400_000);
    expect(await uow.write(account as never, ({ claims }) => claims.forgetExpired(all, 'others'))).toBe(1);
  });
});
