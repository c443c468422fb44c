import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { atNode, expectStatus, mintSession, type Person, signInAgain, signUp } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';
import { type Ending, endAll, tableOf, type Trial } from './revocations.ts';

/** Of each kind. `REVOCATIONS=1000` is what releases are held to, on a quiet machine. */
const TRIALS = Number(process.env['REVOCATIONS'] ?? 2);
const isMeasured = process.env['REVOCATIONS'] !== undefined;

let urls: readonly [string, string];
/** Who administers the account, signed in anew for each cluster. */
let owner: Pick<Person, 'http'>;
const post = (person: Pick<Person, 'http'>, path: string, body?: unknown) => person.http.call('POST', `/api/v1${path}`, body);

const SYSTEM_KEY = 'the-key-of-the-system-for-tests-alone';
const ofSystem = (what: 'suspend' | 'restore') =>
  httpClient(urls[0], { token: SYSTEM_KEY }).call('POST', `/api/v1/system/accounts/${DEFAULT_CLIENT_KEY}/${what}`);
const isWelcome = ({ http }: Person) =>
  until(async () => (await http.call('GET', '/api/v1/auth/me')).status === 200, { what: 'the other node to know of the return' });

const newSession = (person: Person): Promise<Person> => mintSession(owner.http, person, urls[0]);

const endings: readonly Ending[] = [
  { kind: 'logout', end: async (session) => expectStatus(await post(session, '/auth/logout'), 204) },
  { kind: 'logout everywhere', end: async (_, other) => expectStatus(await post(other, '/auth/logout-all'), 204) },
  {
    kind: 'revoke one',
    end: async ({ session }, other) => expectStatus(await other.http.call('DELETE', `/api/v1/auth/sessions/${session.id}`), 204),
  },
  {
    kind: 'change the password',
    async end(_, other) {
      const body = { currentPassword: other.password, newPassword: `${other.password}!` };
      expectStatus(await post(other, '/auth/password/change', body), 204);
      other.password = body.newPassword;
    },
  },
  { kind: 'force a logout', end: async ({ id }) => expectStatus(await post(owner, `/admin/users/${id}/sessions/revoke`), 200) },
  {
    kind: 'suspend',
    end: async ({ id }) => expectStatus(await post(owner, `/admin/users/${id}/suspend`), 204),
    undo: async ({ id }) => expectStatus(await post(owner, `/admin/users/${id}/restore`), 204),
    comesBack: true,
  },
  {
    kind: 'change the role',
    end: async ({ id }) => expectStatus(await owner.http.call('PUT', `/api/v1/admin/users/${id}/role`, { role: 'admin' }), 200),
    undo: async ({ id }) => expectStatus(await owner.http.call('PUT', `/api/v1/admin/users/${id}/role`, { role: 'member' }), 200),
  },
  {
    kind: 'delete',
    end: async (_, { http, password }) => expectStatus(await http.call('DELETE', '/api/v1/users/me', { password }), 202),
    isFinal: true,
  },
  {
    kind: 'suspend the account',
    end: async () => expectStatus(await ofSystem('suspend'), 204),
    undo: async () => expectStatus(await ofSystem('restore'), 204),
    isForAll: true,
    comesBack: true,
  },
  { kind: 'revoke the others', end: async (_, other) => expectStatus(await post(other, '/auth/sessions/revoke-others'), 200) },
];

/** `boundMs`: how much later than the answer an event that reaches the other node may have been committed. */
const modes = [
  { name: 'with Redis', boundMs: 250, atOnce: 20, stopRedis: false },
  { name: 'with Redis stopped', boundMs: 2_500, atOnce: 50, stopRedis: true },
];

let cluster: SpawnedNodes;
beforeAll(async () => {
  cluster = await spawnNodes({ env: { ADMIN_EMAIL: 'owner@example.com', ADMIN_PASSWORD: 'a password of the owner', SYSTEM_KEY } });
});
afterAll(() => cluster?.stop());

// On the same nodes, in this order: Redis does not come back.
describe.each(modes)('sessions that end at one of two nodes, $name', ({ boundMs, atOnce, stopRedis }) => {
  let poster: Person;
  let people: Person[] = [];
  const newPeople = async (): Promise<Person[]> => {
    const made: Person[] = [];
    for (let i = 0; i < Math.min(TRIALS, atOnce); i += 1) made.push(await signUp(urls[0], 'member'));
    return made;
  };
  beforeAll(async () => {
    urls = [cluster.nodes[0].url, cluster.nodes[1].url];
    poster = await signUp(urls[0], 'poster');
    people = await newPeople();
    if (stopRedis) await cluster.redis.kill();
  });
  // A thousand trials of each kind take longer than an access token lives.
  beforeEach(async () => {
    const login = { email: 'owner@example.com', password: 'a password of the owner' };
    const { accessToken } = expectStatus(await httpClient(urls[0]).call('POST', '/api/v1/auth/login', login), 200);
    owner = { http: httpClient(urls[0], { token: accessToken }) };
    poster = await signInAgain(urls[0], poster);
  });

  const trials: Trial[] = [];
  afterAll(() => {
    console.log(tableOf(trials));
  });

  it.each(endings)('by $kind: nobody hears anything more', { timeout: 3_600_000 }, async (ending) => {
    const mine: Trial[] = [];
    while (mine.length < TRIALS) {
      const batch = people.slice(0, TRIALS - mine.length);
      const devices = await Promise.all(
        batch.map(async (person) => ({ session: await newSession(person), other: await newSession(person) })),
      );
      mine.push(...(await endAll(ending, poster, devices, urls, boundMs / 50)));
      for (const { other } of ending.isForAll === true ? devices.slice(0, 1) : devices) await ending.undo?.(other);
      if (ending.comesBack === true) await Promise.all(devices.map(({ other }) => isWelcome(atNode(other, urls[1]))));
      people = ending.isFinal === true ? await newPeople() : devices.map(({ other }) => other);
    }
    trials.push(...mine);
    expect(mine.filter(({ lateHere, afterRefusal }) => lateHere > 0 || afterRefusal > 0)).toEqual([]);
    // Time is judged where it is measured, with nothing else running.
    expect(isMeasured ? mine.filter(({ lateThereMs }) => lateThereMs > boundMs) : []).toEqual([]);
  });

  it('is known to a node that starts later', async () => {
    const person = await signInAgain(urls[0], people[0] as Person);
    expectStatus(await post(person, '/auth/logout'), 204);
    await cluster.nodes[1].restart();
    const late = httpClient(cluster.nodes[1].url, { token: person.accessToken });
    expect(await late.call('GET', '/api/v1/auth/me')).toMatchObject({ status: 401, body: { code: 'SESSION_REVOKED' } });
  });
});
