import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAuthenticator, findChromium, openPage, type Page } from '../support/chromium.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { type Person, signUp } from '../support/people.ts';

const browser = findChromium();
// Not every machine has one, and none is downloaded.
if (browser === undefined)
  console.log('NOT RUN: passkeys in a browser, since there is no Chromium on the PATH (Debian: apt-get install chromium)');

/** Of the page: a call of the API, as a client app makes it. */
const CALL = `async (path, body, token) => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: 'Bearer ' + token }) };
  const response = await fetch('/api/v1/auth/passkeys' + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}`;

describe.skipIf(browser === undefined)('in Chromium, with its virtual authenticator', () => {
  let app: ListeningApp;
  let page: Page;
  let alice: Person;
  let authenticatorId: unknown;
  beforeAll(async () => {
    app = await startTestApp();
    alice = await signUp(app.url);
    page = await openPage(browser as string);
    // Any page of the origin: its own policy lets no script call the API.
    await page.send('Page.setBypassCSP', { enabled: true });
    await page.open(`http://localhost:${new URL(app.url).port}/`);
    authenticatorId = await addAuthenticator(page);
  });
  afterAll(async () => {
    await page?.close();
    await app?.close();
  });

  const signIn = (mediation: string) => `(async () => {
    const call = ${CALL};
    const options = PublicKeyCredential.parseRequestOptionsFromJSON((await call('/login/options', {})).body);
    const credential = await navigator.credentials.get({ publicKey: options, mediation: '${mediation}' });
    return call('/login', { credential: credential.toJSON() });
  })()`;

  it('a passkey is made, and signs in without a username', async () => {
    const made = await page.evaluate<{ status: number }>(`(async () => {
      const call = ${CALL};
      const { body } = await call('/register/options', {}, '${alice.accessToken}');
      const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(body) });
      return call('/register', { credential: credential.toJSON(), name: 'This browser' }, '${alice.accessToken}');
    })()`);
    expect(made).toMatchObject({ status: 201, body: { name: 'This browser' } });
    expect(await page.evaluate(signIn('required'))).toMatchObject({ status: 200, body: { user: { id: alice.id } } });
  });

  it('conditional UI on an open page signs in when its reader chooses the passkey', async () => {
    expect(await page.evaluate('PublicKeyCredential.isConditionalMediationAvailable()')).toBe(true);
    expect(await page.evaluate(signIn('conditional'))).toMatchObject({ status: 200, body: { user: { id: alice.id } } });
  });

  it('who is not verified gets nowhere', async () => {
    await page.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await expect(page.evaluate(signIn('required'))).rejects.toThrow('NotAllowedError');
  });
});
