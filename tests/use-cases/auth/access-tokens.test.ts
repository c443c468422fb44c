import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { auditEntry, auditPorts } from '@coucou/application/audit/record-audit';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { createAccessTokens } from '@coucou/security/access-tokens';
import { createSigningKeys, SecretMismatchError } from '@coucou/security/signing-keys';
import { createSealers } from '@coucou/security/sealer';
import { base64url, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditOf } from '../../support/audit-log.ts';
import { ids } from '../../support/fixtures.ts';
import { openTestApp, SECRET, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
afterEach(() => {
  vi.useRealTimers();
});

const account = ids.next<'account'>();
const actor = { userId: ids.next<'user'>(), sessionId: ids.next<'session'>() };
const options = { secret: SECRET, issuer: 'coucou', audience: 'coucou', ttlSeconds: 900 };
const reopened = (change: Partial<typeof options> = {}) =>
  createAccessTokens({ transactions: app.storage.transactions, ...options, ...change });

const unauthenticated = { code: 'UNAUTHENTICATED', kind: 'unauthenticated' };
const encode = (part: object): string => base64url.encode(JSON.stringify(part));
const partsOf = (token: string) => token.split('.') as [header: string, payload: string, signature: string];
const payloadOf = (token: string): JWTPayload => JSON.parse(new TextDecoder().decode(base64url.decode(partsOf(token)[1]))) as JWTPayload;

describe('an access token', () => {
  it('says who acts in which account, until when', async () => {
    const { token, expiresAt } = await app.access.issue({ account, actor, rotation: 0 });
    expect(await app.access.verify(token)).toEqual({ account, actor, rotation: 0, expiresAt });
    expect(payloadOf(token)).toEqual({
      iss: 'coucou',
      aud: 'coucou',
      sub: actor.userId,
      acc: account,
      sid: actor.sessionId,
      rot: 0,
      iat: expiresAt.getTime() / 1000 - 900,
      exp: expiresAt.getTime() / 1000,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('is verified by anybody with the published keys, which hold no secret', async () => {
    const { token } = await app.access.issue({ account, actor, rotation: 0 });
    const { keys } = await app.access.jwks();
    const { alg, kid } = decodeProtectedHeader(token);
    expect(keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid, alg: 'EdDSA', use: 'sig' }]);
    expect(alg).toBe('EdDSA');
    const [jwk] = keys;
    await expect(jwtVerify(token, await importJWK(jwk ?? {}, 'EdDSA'))).resolves.toBeDefined();
  });

  it('ends, also for those who saw it while it was good', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-15T12:00:00.000Z') });
    const { token, expiresAt } = await app.access.issue({ account, actor, rotation: 0 });
    expect(expiresAt).toEqual(new Date('2026-01-15T12:15:00.000Z'));
    vi.setSystemTime(new Date('2026-01-15T12:14:59.000Z'));
    await expect(app.access.verify(token)).resolves.toMatchObject({ account });
    vi.setSystemTime(expiresAt);
    const expired = { code: 'TOKEN_EXPIRED', kind: 'unauthenticated' };
    await expect(app.access.verify(token)).rejects.toMatchObject(expired);
    await expect((await reopened()).verify(token)).rejects.toMatchObject(expired);
  });
});

describe('a forged token', () => {
  /** Signed with the real key, which only the server has. */
  async function real(): Promise<{ token: string; header: string; payload: string; signature: string }> {
    const { token } = await app.access.issue({ account, actor, rotation: 0 });
    const [header, payload, signature] = partsOf(token);
    return { token, header, payload, signature };
  }
  const expectRefused = async (token: string) => expect(app.access.verify(token)).rejects.toMatchObject(unauthenticated);

  it.each(['', 'nonsense', 'a.b.c', '..', 'null'])('like %j is refused', async (token) => {
    await expectRefused(token);
  });

  it('with other claims under the same signature is refused', async () => {
    const { token, header, signature } = await real();
    const claims = payloadOf(token);
    for (const change of [{ acc: ids.next() }, { sub: ids.next() }, { sid: ids.next() }, { exp: (claims.exp ?? 0) + 1 }])
      await expectRefused(`${header}.${encode({ ...claims, ...change })}.${signature}`);
  });

  it('with another or no signature is refused', async () => {
    const { header, payload, signature } = await real();
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    for (const other of [flipped, signature.slice(0, -4), '']) await expectRefused(`${header}.${payload}.${other}`);
  });

  it('that chooses its own algorithm is refused', async () => {
    const { token, payload } = await real();
    const { kid } = decodeProtectedHeader(token);
    await expectRefused(`${encode({ alg: 'none', kid, typ: 'at+jwt' })}.${payload}.`);
    const [jwk] = (await app.access.jwks()).keys;
    // The public key, which everybody has, taken for a shared secret.
    for (const secret of [jwk?.x ?? '', JSON.stringify(jwk)]) {
      const hmac = new SignJWT(payloadOf(token)).setProtectedHeader({ alg: 'HS256', kid: kid ?? '', typ: 'at+jwt' });
      await expectRefused(await hmac.sign(new TextEncoder().encode(secret.padEnd(32, '='))));
    }
  });

  const signedBy = (privateKey: KeyObject, header: { kid?: string; jwk?: object }, claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header }).sign(privateKey);

  it('signed by another key is refused, under its own name, ours or none', async () => {
    const { token } = await real();
    const { kid } = decodeProtectedHeader(token);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' });
    for (const header of [{ kid: 'theirs' }, { kid: kid ?? '' }, {}, { kid: 'theirs', jwk }])
      await expectRefused(await signedBy(privateKey, header, payloadOf(token)));
  });
});

describe('a token of ours that is not for here', () => {
  it('by another issuer or for another audience is refused', async () => {
    for (const change of [{ issuer: 'another' }, { audience: 'another' }]) {
      const { token } = await (await reopened(change)).issue({ account, actor, rotation: 0 });
      await expect(app.access.verify(token)).rejects.toMatchObject(unauthenticated);
    }
  });
});

it('signed by our key as a token of another type is no access token', async () => {
  const { token } = await app.access.issue({ account, actor, rotation: 0 });
  const [stored] = await app.uow.system('signing-keys', (tx) => tx.listSigningKeys());
  const privateJwk = createSealers(SECRET)('signing-keys').open(stored?.sealedPrivateJwk ?? '');
  const key = await importJWK(JSON.parse(privateJwk), 'EdDSA');
  const as = (typ: string) => new SignJWT(payloadOf(token)).setProtectedHeader({ alg: 'EdDSA', kid: stored?.kid ?? '', typ }).sign(key);
  await expect(app.access.verify(await as('at+jwt'))).resolves.toMatchObject({ account });
  for (const typ of ['JWT', 'dpop+jwt', 'id+jwt']) await expect(app.access.verify(await as(typ))).rejects.toMatchObject(unauthenticated);
});

describe('the signing keys', () => {
  it('are the same after a restart, and on every node', async () => {
    const nodes = await Promise.all([reopened(), reopened()]);
    for (const node of nodes) {
      expect(await node.jwks()).toEqual(await app.access.jwks());
      const { token } = await node.issue({ account, actor, rotation: 0 });
      await expect(app.access.verify(token)).resolves.toMatchObject({ account, actor });
    }
  });

  it('are kept sealed: under another secret the server does not start', async () => {
    await expect(reopened({ secret: 'another secret of 32 bytes or more' })).rejects.toThrow(SecretMismatchError);
    const stored = await app.uow.system('signing-keys', (tx) => tx.listSigningKeys());
    expect(stored).toHaveLength(1);
    expect(stored[0]?.sealedPrivateJwk).not.toContain('{');
    expect(JSON.parse(stored[0]?.publicJwk ?? '')).not.toHaveProperty('d');
  });

  it('are made once when nodes start together on a new database', async () => {
    const fresh = await openTestApp();
    try {
      const stored = () => fresh.uow.system('signing-keys', (tx) => tx.listSigningKeys());
      expect(await stored()).toHaveLength(1);
      const [first] = await stored();
      if (first === undefined) throw new Error('no key');
      expect(await fresh.uow.system('signing-keys', (tx) => tx.addSigningKey({ ...first, kid: 'second' }))).toBe(false);
      expect(await stored()).toEqual([first]);
    } finally {
      await fresh.close();
    }
  });
});

describe('keys that follow one another', () => {
  let fresh: TestApp;
  const time = { now: new Date('2026-01-15T12:00:00.000Z') };
  const later = (seconds: number) => {
    time.now = new Date(new Date('2026-01-15T12:00:00.000Z').getTime() + seconds * 1000);
  };
  const DAY = 86_400;
  const ring = () =>
    createSigningKeys({ transactions: fresh.storage.transactions, secret: SECRET, lifetimeSeconds: 90 * DAY, now: () => time.now });
  const onDatabase = () => createAccessTokens({ transactions: fresh.storage.transactions, ...options });
  beforeAll(async () => {
    fresh = await openTestApp();
  });
  afterAll(() => fresh.close());

  it('sign in turn, and log nobody out: tokens of the one before are good on every node', async () => {
    const [one, other] = await Promise.all([onDatabase(), onDatabase()]);
    const before = await other.issue({ account, actor, rotation: 0 });
    await one.rotate(undefined, 0);
    const after = await one.issue({ account, actor, rotation: 0 });
    const kids = [before, after].map(({ token }) => decodeProtectedHeader(token).kid);
    expect(new Set(kids).size).toBe(2);
    await expect(one.verify(before.token)).resolves.toMatchObject({ actor });
    expect((await one.jwks()).keys.map(({ kid }) => kid)).toEqual(kids.toReversed());
    await other.upkeep();
    await expect(other.verify(after.token)).resolves.toMatchObject({ actor });
    expect(decodeProtectedHeader((await other.issue({ account, actor, rotation: 0 })).token).kid).toBe(kids[1]);
  });

  it('sign a while after somebody has rotated them, when no node can refuse them any more for having read just before', async () => {
    later(0);
    const node = await ring();
    const first = node.current().kid;
    await node.rotate();
    expect(node.all()[0]?.kid).not.toBe(first);
    later(9);
    expect(node.current().kid).toBe(first);
    later(10);
    expect(node.current().kid).toBe(node.all()[0]?.kid);
  });

  it('are one when nodes rotate at once', async () => {
    const nodes = await Promise.all([ring(), ring(), ring()]);
    const count = nodes[0].all().length;
    const of = await fresh.account();
    const audited = fresh.container.portsOf(auditPorts);
    const entryOf = (kid: string) => auditEntry(audited, operatorCall(of), authActions.signing_key_rotated, { details: { kid } });
    await Promise.all(nodes.map((node) => node.rotate(entryOf)));
    for (const node of nodes) await node.upkeep();
    const sets = nodes.map((node) => node.all().map(({ kid }) => kid));
    expect(sets[0]?.length).toBeGreaterThan(count);
    expect(new Set(sets.map(String)).size).toBe(1);
    const generations = nodes[0].all().map(({ generation }) => generation);
    expect(new Set(generations).size).toBe(generations.length);
    // One entry for each key, and none for a key that was not kept.
    const made = sets[0]?.slice(0, -count);
    const entries = (await auditOf(fresh, of, of)).map(({ details }) => details['kid']);
    expect(entries.toSorted()).toEqual(made?.toSorted());
  });

  it('read the database for unknown keys rarely, however many somebody makes up', async () => {
    let reads = 0;
    const { system } = fresh.storage.transactions;
    const counted: typeof system = (reason, work) => ((reads += 1), system(reason, work));
    const node = await createSigningKeys({ transactions: { system: counted }, secret: SECRET, lifetimeSeconds: 90 * DAY });
    reads = 0;
    await Promise.all(Array.from({ length: 500 }, (_, index) => node.find(`forged-${index}`)));
    expect(reads).toBeLessThanOrEqual(1);
  });

  it('are published before they sign, when they follow by themselves, and go when no token of theirs can be good', async () => {
    later(0);
    const node = await ring();
    await node.rotate(undefined, 0);
    const first = node.current().kid;
    later(90 * DAY);
    await node.upkeep();
    const [next] = node.all();
    expect(next?.kid).not.toBe(first);
    expect(node.current().kid).toBe(first);
    later(90 * DAY + 600);
    expect(node.current().kid).toBe(next?.kid);
    later(90 * DAY + 600 + DAY);
    await node.upkeep();
    expect(node.all().map(({ kid }) => kid)).toContain(first);
    later(90 * DAY + 600 + DAY + 3_600);
    await node.upkeep();
    expect(node.all().map(({ kid }) => kid)).toEqual([next?.kid]);
  });
});
