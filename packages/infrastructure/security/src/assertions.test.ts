import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { createAssertions } from './assertions.ts';

const now = new Date();
const pem = { type: 'pkcs8', format: 'pem' } as const;

it('says who it is by a key of Apple, and of a service account', async () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const apple = await createAssertions(String(ec.privateKey.export(pem)), { alg: 'ES256', keyId: 'ABC123DEFG' });
  const { payload, protectedHeader } = await jwtVerify(await apple({ claims: { iss: 'TEAM' }, now }), ec.publicKey);
  expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'ABC123DEFG' });
  expect(payload).toEqual({ iss: 'TEAM', iat: Math.floor(now.getTime() / 1_000) });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const google = await createAssertions(String(rsa.privateKey.export(pem)), { alg: 'RS256' });
  const signed = await jwtVerify(await google({ claims: { aud: 'x' }, now, seconds: 60 }), rsa.publicKey);
  expect(signed.payload).toMatchObject({ aud: 'x', exp: Math.floor(now.getTime() / 1_000) + 60 });
});
