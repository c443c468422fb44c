import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectRefused, dataOf, httpClient, plainClient, type SocketClient, socketIoClient } from '../support/clients.ts';
import { type ListeningApp } from '../support/listening-app.ts';
import { expectStatus } from '../support/people.ts';
import { newDevice } from './device.ts';
import { PUBLIC_URL, ME, here, there, someone, getMe, renew, codeOf, eventsOf, startBound, stopBound } from './bound.ts';
import { titled, wrongWithToken, changed } from './wrong-proofs.ts';

beforeAll(startBound);
afterAll(stopBound);

describe('what a thief has of a bound session', () => {
  it.each(['Bearer', 'bearer'])('is no use under the scheme %s', async (scheme) => {
    const { token, session, device } = await someone();
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    for (const headers of [{}, { dpop }])
      expect(codeOf(await httpClient(there.url).call('GET', ME, undefined, { authorization: `${scheme} ${token}`, ...headers }))).toEqual([
        401,
        'DPOP_PROOF_REQUIRED',
        'DPoP error="invalid_token", algs="ES256 EdDSA"',
      ]);
    // Recorded once, however often it is tried.
    expect(await eventsOf(session.user.id)).toEqual([{ code: 'DPOP_PROOF_REQUIRED', token: 'access' }]);
  });

  it('is no use with a key of their own, which tells nobody anything and ends nothing', async () => {
    const { device, token, refreshToken, session } = await someone();
    const thief = await newDevice();
    expect(codeOf(await getMe(thief, token)).slice(0, 2)).toEqual([401, 'DPOP_KEY_MISMATCH']);
    expect(codeOf(await renew(thief, refreshToken)).slice(0, 2)).toEqual([401, 'DPOP_KEY_MISMATCH']);
    expect(await eventsOf(session.user.id)).toEqual([
      { code: 'DPOP_KEY_MISMATCH', token: 'refresh' },
      { code: 'DPOP_KEY_MISMATCH', token: 'access' },
    ]);
    expectStatus(await renew(device, refreshToken), 200);
    expectStatus(await getMe(device, token), 200);
  });

  it('fills no table, however often it is tried', async () => {
    const { token, refreshToken, session } = await someone();
    const thief = await newDevice();
    for (let times = 0; times < 3; times += 1) {
      expect((await getMe(thief, token)).body.code).toBe('DPOP_KEY_MISMATCH');
      expect((await renew(thief, refreshToken)).body.code).toBe('DPOP_KEY_MISMATCH');
    }
    expect(await eventsOf(session.user.id)).toHaveLength(2);
  });

  it('is no use when it is spent already: without the key it is not even a replay', async () => {
    const { device, refreshToken } = await someone();
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    const again = expectStatus(await renew(device, renewed.refreshToken), 200);
    expect((await renew(await newDevice(), refreshToken)).body.code).toBe('DPOP_KEY_MISMATCH');
    expectStatus(await renew(device, again.refreshToken), 200);
  });

  it.each(['socket.io', 'websocket'] as const)('opens no %s', async (transport) => {
    const { token } = await someone();
    const thief = await newDevice();
    thief.nonces.newest = (await getMe(thief, token)).headers.get('dpop-nonce') ?? undefined;
    const url = `${PUBLIC_URL}${transport === 'websocket' ? '/ws' : '/socket.io'}`;
    const dpop = await thief.proof({ method: 'GET', url, token });
    for (const [auth, code] of [[{}, 'DPOP_PROOF_REQUIRED'] as const, [{ dpop }, 'DPOP_KEY_MISMATCH'] as const]) {
      const open = transport === 'websocket' ? plainClient : socketIoClient;
      const refused = await open(there.url, { token, auth })
        .connect()
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ConnectRefused);
      expect((refused as ConnectRefused).error.code).toBe(code);
    }
  });
});

describe.each(['socket.io', 'websocket'] as const)('the handshake of a bound session by %s', (transport) => {
  const own = transport === 'websocket' ? '/ws' : '/socket.io';
  const clientOf = transport === 'websocket' ? plainClient : socketIoClient;
  const other = transport === 'websocket' ? '/socket.io' : '/ws';
  const target = (token: string, path = own) => ({ method: 'GET', url: `${PUBLIC_URL}${path}`, token });
  const client = (at: ListeningApp, token: string, dpop?: unknown): SocketClient =>
    clientOf(at.url, { token, auth: { ...(dpop !== undefined && { dpop }) } });
  const refusalOf = async (at: ListeningApp, token: string, dpop?: unknown) => {
    const refused = await client(at, token, dpop)
      .connect()
      .catch((error: unknown) => error);
    if (!(refused instanceof ConnectRefused)) throw new Error('it was not refused', { cause: refused });
    return refused.error;
  };

  it('takes one proof, and asks for none at its calls', async () => {
    const { device, token, session } = await someone();
    const dpop = await device.proof(target(token));
    const socket = client(here, token, dpop);
    await socket.connect();
    expect(dataOf(await socket.call('auth.me', {}))).toMatchObject({ user: { id: session.user.id } });
    expect((await refusalOf(there, token, dpop)).code).toBe('DPOP_PROOF_REUSED');
    await socket.close();
  });

  it('hands out a nonce', async () => {
    const { device, token } = await someone();
    const nonce = device.nonces.newest;
    device.nonces.newest = undefined;
    const { code, details } = await refusalOf(here, token, await device.proof(target(token)));
    expect(code).toBe('DPOP_NONCE_REQUIRED');
    device.nonces.newest = (details as { nonce: string }).nonce;
    expect(device.nonces.newest).not.toBe(nonce);
    const socket = client(here, token, await device.proof(target(token)));
    await socket.connect();
    await socket.close();
  });

  it.each(
    titled([
      ...wrongWithToken,
      ['the address of the other transport', () => ({ payload: { htu: `${PUBLIC_URL}${other}` } }), 'DPOP_PROOF_INVALID', 'htu'],
    ]),
  )('is refused with %s', async (_, row) => {
    const { device, token } = await someone();
    const { code, details } = await refusalOf(here, token, await changed(device, target(token), row));
    expect([code, (details as { reason?: string }).reason]).toEqual([row[2], row[3]]);
  });

  it.each([5, {}, ['x']])('is refused with a proof that is no text: %j', async (dpop) => {
    const { token } = await someone();
    expect((await refusalOf(here, token, dpop)).code).toBe('UNAUTHENTICATED');
  });

  it('may be followed by authenticate, which takes a proof of its own', async () => {
    const { device, token, refreshToken } = await someone();
    const socket = clientOf(here.url) as SocketClient;
    await socket.connect();
    expect(await socket.call('authenticate', { token })).toMatchObject({ ok: false, error: { code: 'DPOP_PROOF_REQUIRED' } });
    const dpop = await device.proof(target(token));
    expect(await socket.call('authenticate', { token, dpop })).toMatchObject({ ok: true });
    expect(await socket.call('authenticate', { token, dpop })).toMatchObject({ ok: false, error: { code: 'DPOP_PROOF_REUSED' } });
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    const next = await device.proof(target(renewed.accessToken));
    expect(await socket.call('authenticate', { token: renewed.accessToken, dpop: next })).toMatchObject({ ok: true });
    expect(await socket.call('authenticate', { token, dpop: 5 })).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    await socket.close();
  });
});
