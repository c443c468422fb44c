import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { override } from '@coucou/server/composition/ports';
import argon2 from 'argon2';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dataOf, type HttpAnswer, httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { openDirect, signUpAll } from '../support/people.ts';
import { until } from '../support/until.ts';

/** More logins than can be hashed, at a server whose hasher takes one at a time and lets three wait. */
const WAITING = 3;
const ADMITTED = WAITING + 1;
const TOO_MANY = 2;
/** As many wrong passwords as logins are in flight, so that one of them more or less would show. */
const WRONG = ADMITTED + TOO_MANY;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startBusy(onPostgres: boolean): Promise<ListeningApp> {
  const database = onPostgres ? await createDatabase() : undefined;
  if (database) closing.push(() => database.drop());
  const hasher = createPasswordHasher({ concurrency: 1, queueLimit: WAITING });
  const app = await startTestApp({
    ...(database && { database }),
    env: { LIMIT_LOGIN: `${WRONG}/900`, LIMIT_SIGNUP: '3/3600' },
    overrides: { overrides: [override(PasswordHasher, hasher)] },
  });
  closing.push(() => app.close());
  return app;
}

/** Keeps every hash from being made until it is opened: a slow machine, as slow as it takes. */
function holdHashes() {
  const gate = Promise.withResolvers<void>();
  const [hash, verify] = [argon2.hash.bind(argon2), argon2.verify.bind(argon2)];
  const held = { now: 0 };
  const hold = async () => {
    held.now += 1;
    await gate.promise;
  };
  vi.spyOn(argon2, 'hash').mockImplementation(async (...given: Parameters<typeof hash>) => hold().then(() => hash(...given)) as never);
  vi.spyOn(argon2, 'verify').mockImplementation(async (...given) => hold().then(() => verify(...given)));
  return { held, open: gate.resolve };
}

const BUSY = { status: 503, code: 'OVERLOADED', retryAfter: '1' };
const inShort = ({ status, body, headers }: HttpAnswer) => ({ status, code: body.code, retryAfter: headers.get('retry-after') });

describe.each([
  ['PostgreSQL', true],
  ['the embedded database', false],
] as const)('on %s', (_name, onPostgres) => {
  it('logins and sign-ups beyond the queue are told when to come again, and nothing else waits or is lost', async () => {
    const app = await startBusy(onPostgres);
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id: conversationId } = await openDirect(alice, bob);
    const [sender, receiver] = [alice.plain(), bob.socketIo()];
    for (const socket of [sender, receiver]) await socket.connect();
    closing.push(() => Promise.all([sender.close(), receiver.close()]));

    const visitor = httpClient(app.url);
    const { username, password } = alice;
    const logIn = (typed = password) => visitor.call('POST', '/api/v1/auth/login', { username, password: typed });
    const carol = { username: `carol-${alice.username.slice(6)}`, email: `carol.${alice.username}@example.com`, password };
    const signUp = () => visitor.call('POST', '/api/v1/auth/signup', carol);

    const { held, open } = holdHashes();
    const answers: HttpAnswer[] = [];
    const all = Array.from({ length: ADMITTED + TOO_MANY }, async () => void answers.push(await logIn()));
    await until(() => answers.length === TOO_MANY, { what: 'the logins that are too many' });
    expect(answers.map(inShort)).toEqual([BUSY, BUSY]);
    expect(inShort(await signUp())).toEqual(BUSY);
    expect(inShort(await signUp())).toEqual(BUSY);

    // The queue is full, and will be until the gate is opened.
    for (let nth = 1; nth <= 20; nth += 1) {
      const sent = dataOf(await sender.call('message:send', { conversationId, content: `meanwhile ${nth}` }, undefined));
      await receiver.events.next('message:new', ({ message }) => message.id === sent.id);
    }
    expect(held.now).toBe(1);
    expect(answers).toHaveLength(TOO_MANY);

    open();
    await Promise.all(all);
    expect(answers.slice(TOO_MANY).map(({ status }) => status)).toEqual(Array.from({ length: ADMITTED }, () => 200));
    expect((await logIn()).status).toBe(200);
    // The two tries took nothing from what this address may still sign up.
    expect((await signUp()).status).toBe(201);
    expect(inShort(await visitor.call('POST', '/api/v1/auth/signup', { ...carol, username: `${carol.username}2` }))).toMatchObject({
      code: 'RATE_LIMITED',
    });
    // Nor did anybody's refused login: every wrong try is left, and one more is one too many.
    for (let nth = 1; nth <= WRONG; nth += 1) expect((await logIn('not her password')).body.code).toBe('INVALID_CREDENTIALS');
    expect((await logIn()).body.code).toBe('RATE_LIMITED');
  });
});
