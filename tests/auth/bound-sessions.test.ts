import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSettings, makeAccount } from '../support/accounts.ts';
import { httpClient } from '../support/clients.ts';
import { type ListeningApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { newDevice } from './device.ts';
import {
  PUBLIC_URL,
  ME,
  LOGIN,
  REFRESH,
  container,
  here,
  there,
  named,
  someone,
  getMe,
  renew,
  codeOf,
  eventsOf,
  startBound,
  stopBound,
} from './bound.ts';
import { titled, wrong, wrongWithToken, changed } from './wrong-proofs.ts';

beforeAll(startBound);
afterAll(stopBound);

describe('a bound session', () => {
  it.each(['ES256', 'EdDSA'] as const)('opens, calls and renews with proofs of its device (%s)', async (alg) => {
    const { device, session, token, refreshToken } = await someone(alg);
    expect(session.tokenType).toBe('DPoP');
    expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: device.thumbprint } });
    expect((await getMe(device, token)).body).toMatchObject({ user: { id: session.user.id } });
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    expect(renewed).toMatchObject({ refresh: 'rotated', tokenType: 'DPoP' });
    expect(decodeJwt(renewed.accessToken)).toMatchObject({ cnf: { jkt: device.thumbprint } });
    expect((await getMe(device, renewed.accessToken, there)).status).toBe(200);
    // The answer was lost.
    expect(expectStatus(await renew(device, refreshToken, there), 200)).toMatchObject({
      refresh: 'recovered',
      refreshToken: renewed.refreshToken,
    });
  });

  it('costs a call for the first nonce and none for the next, on any node', async () => {
    const { device, token } = await someone();
    const nonce = device.nonces.newest;
    device.nonces.newest = undefined;
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    const first = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect(codeOf(first)).toEqual([401, 'DPOP_NONCE_REQUIRED', 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA"']);
    expect(first.body.details.nonce).toBe(first.headers.get('dpop-nonce'));
    device.nonces.newest = nonce;
    const next = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    expect((await httpClient(there.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop: next })).status).toBe(200);
  });

  it.each(['/api/v1/auth/signup', LOGIN])('is not opened without a proof by %s, and nothing is left of the attempt', async (path) => {
    const { username, password, device } = await someone();
    const other = `${username}x`;
    const body = path === LOGIN ? { identifier: username, password } : { username: other, email: `${other}@example.com`, password };
    const refused = await httpClient(here.url).call('POST', path, body, named());
    expect(codeOf(refused)).toEqual([401, 'DPOP_PROOF_REQUIRED', 'DPoP error="invalid_token", algs="ES256 EdDSA"']);
    device.nonces.newest = refused.headers.get('dpop-nonce') ?? undefined;
    const dpop = await device.proof({ method: 'POST', url: `${PUBLIC_URL}${path}` });
    expect((await httpClient(here.url).call('POST', path, body, { ...named(), dpop })).status).toBeLessThan(300);
  });

  it('works in cookie mode as well', async () => {
    const { username, password, device } = await someone();
    const signIn = { method: 'POST', path: LOGIN, body: { identifier: username, password, mode: 'cookie' }, headers: named() };
    const opened = await device.call(here.url, signIn, PUBLIC_URL);
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const headers = { ...named(), cookie, 'x-csrf-token': opened.body.csrfToken };
    expect(codeOf(await httpClient(here.url).call('POST', REFRESH, undefined, headers)).slice(0, 2)).toEqual([401, 'DPOP_PROOF_REQUIRED']);
    const renewed = await device.call(here.url, { method: 'POST', path: REFRESH, headers }, PUBLIC_URL);
    expect([renewed.status, renewed.headers.getSetCookie().length]).toEqual([200, 1]);
  });

  it('is what an open session becomes at its next refresh when the account begins to bind', async () => {
    const later = await makeAccount(container);
    const person = await signUp(here.url, 'bob', { clientKey: later.clientKey });
    await changeSettings(container, later.id, { boundSessions: true });
    expect((await person.http.call('GET', ME)).status).toBe(200);
    const headers = { 'x-client-key': later.clientKey };
    const body = { refreshToken: person.refreshToken };
    expect((await httpClient(here.url).call('POST', REFRESH, body, headers)).body.code).toBe('DPOP_PROOF_REQUIRED');
    const device = await newDevice();
    const renewed = expectStatus(await device.call(here.url, { method: 'POST', path: REFRESH, body, headers }, PUBLIC_URL), 200);
    expect(renewed.tokenType).toBe('DPoP');
    const thief = await newDevice();
    const stolen = await thief.call(
      there.url,
      { method: 'POST', path: REFRESH, body: { refreshToken: renewed.refreshToken }, headers },
      PUBLIC_URL,
    );
    expect(stolen.body.code).toBe('DPOP_KEY_MISMATCH');
    // What is bound stays so, whatever the account decides later.
    await changeSettings(container, later.id, { boundSessions: false });
    expect((await httpClient(here.url).call('POST', REFRESH, { refreshToken: renewed.refreshToken }, headers)).body.code).toBe(
      'DPOP_PROOF_REQUIRED',
    );
    const again = { method: 'POST', path: REFRESH, body: { refreshToken: renewed.refreshToken }, headers };
    expect((await device.call(here.url, again, PUBLIC_URL)).body.tokenType).toBe('DPoP');
  });
});

describe('an account that does not bind its sessions', () => {
  it('answers bearer tokens, with or without a proof', async () => {
    const person = await signUp(here.url);
    const device = await newDevice();
    const body = { identifier: person.username, password: person.password };
    const session = expectStatus(await device.call(here.url, { method: 'POST', path: LOGIN, body }, PUBLIC_URL), 200);
    expect(session.tokenType).toBe('Bearer');
    expect(decodeJwt(session.accessToken)).not.toHaveProperty('cnf');
    expect((await httpClient(here.url, { token: session.accessToken }).call('GET', ME)).status).toBe(200);
    expect(codeOf(await getMe(device, session.accessToken))).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
    expect((await httpClient(here.url, { token: session.accessToken }).call('GET', ME, undefined, { dpop: 'x' })).status).toBe(200);
  });
});

/** Changes of one thing in a proof that is right otherwise, and what is answered. */
describe('a proof', () => {
  it.each(titled(wrongWithToken))('with %s is refused at a call', async (_, row) => {
    const { device, token, session } = await someone();
    const dpop = await changed(device, { method: 'GET', url: `${PUBLIC_URL}${ME}`, token }, row);
    const answer = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([401, row[2], row[3]]);
    expect(await eventsOf(session.user.id)).toEqual(row[2] === 'DPOP_NONCE_REQUIRED' ? [] : [{ code: row[2], token: 'access' }]);
    expect((await getMe(device, token)).status).toBe(200);
  });

  it.each(titled(wrong))('with %s is refused at a refresh, which it does not spend', async (_, row) => {
    const { device, refreshToken } = await someone();
    const dpop = await changed(device, { method: 'POST', url: `${PUBLIC_URL}${REFRESH}` }, row);
    const answer = await httpClient(here.url).call('POST', REFRESH, { refreshToken }, { ...named(), dpop });
    expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([401, row[2], row[3]]);
    expect((await renew(device, refreshToken)).body.refresh).toBe('rotated');
  });

  it.each([
    ['none', ''],
    ['no token at all', 'garbage'],
    ['without a signature', `${Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')}.e30.`],
    ['without end', 'x'.repeat(5_000)],
  ])('that is %s is refused', async (_, dpop) => {
    const { token } = await someone();
    const answer = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect([answer.status, answer.body.code]).toEqual([401, 'DPOP_PROOF_INVALID']);
  });

  it('that comes twice in one call is refused', async () => {
    const { device, token } = await someone();
    const target = { method: 'GET', url: `${PUBLIC_URL}${ME}`, token };
    const dpop = `${await device.proof(target)}, ${await device.proof(target)}`;
    expect((await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop })).body.code).toBe(
      'DPOP_PROOF_INVALID',
    );
  });

  it.each([
    ['in capitals', (url: string) => url.replace('https://chat.example.com', 'HTTPS://CHAT.EXAMPLE.COM')],
    ['with the port of its scheme', (url: string) => url.replace('.com', '.com:443')],
    ['with a query', (url: string) => `${url}?limit=5#part`],
  ])('may write its address %s', async (_, write) => {
    const { device, token } = await someone();
    const dpop = await device.proof({ method: 'GET', url: write(`${PUBLIC_URL}${ME}`), token });
    expect((await httpClient(here.url).call('GET', `${ME}?`, undefined, { authorization: `DPoP ${token}`, dpop })).status).toBe(200);
  });

  it.each([-86_400, -3_600, 3_600, 86_400])(
    'of a device whose clock is %i s wrong is taken: the nonce says how old it is',
    async (skew) => {
      const { device, token } = await someone();
      const iat = Math.floor(Date.now() / 1_000) + skew;
      const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token }, { payload: { iat } });
      expect((await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop })).status).toBe(200);
    },
  );

  it.each([
    ['the same node', () => here],
    ['the other node', () => there],
  ])('is good for one call, also at %s', async (_, node) => {
    const { device, token, session } = await someone();
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    const send = (at: ListeningApp) => httpClient(at.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect((await send(here)).status).toBe(200);
    expect(codeOf(await send(node()))).toEqual([401, 'DPOP_PROOF_REUSED', 'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"']);
    expect(await eventsOf(session.user.id)).toEqual([{ code: 'DPOP_PROOF_REUSED', token: 'access' }]);
  });
});
