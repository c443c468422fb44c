import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { expectStatus, type Person, signInAgain, signUp } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { type Ending, endAll, tableOf, type Trial } from './revocations.ts';

/** Of each kind. `REVOCATIONS=1000` is what releases are held to, on a quiet machine. */
const TRIALS = Number(process.env['REVOCATIONS'] ?? 6);
const AT_ONCE = 20;
const isMeasured = process.env['REVOCATIONS'] !== undefined;

const post = (person: Person, path: string, body?: unknown) => person.http.call('POST', `/api/v1${path}`, body);

const endings: readonly Ending[] = [
  { kind: 'logout', end: async (session) => expectStatus(await post(session, '/auth/logout'), 204) },
  { kind: 'logout everywhere', end: async (_, other) => expectStatus(await post(other, '/auth/logout-all'), 204) },
  {
    kind: 'revoke one',
    end: async ({ session }, other) => expectStatus(await other.http.call('DELETE', `/api/v1/auth/sessions/${session.id}`), 204),
  },
  { kind: 'revoke the others', end: async (_, other) => expectStatus(await post(other, '/auth/sessions/revoke-others'), 200) },
];

/** `boundMs`: how much later than the answer an event that reaches the other node may have been committed. */
const modes = [
  { name: 'with Redis', boundMs: 250, stopRedis: false },
  { name: 'with Redis stopped', boundMs: 2_500, stopRedis: true },
];

describe.each(modes)('sessions that end at one of two nodes, $name', ({ boundMs, stopRedis }) => {
  let cluster: SpawnedNodes;
  let urls: readonly [string, string];
  let poster: Person;
  const people: Person[] = [];
  beforeAll(async () => {
    cluster = await spawnNodes();
    urls = [cluster.nodes[0].url, cluster.nodes[1].url];
    poster = await signUp(urls[0], 'poster');
    for (let i = 0; i < Math.min(TRIALS, AT_ONCE); i += 1) people.push(await signUp(urls[0], 'member'));
    if (stopRedis) await cluster.redis?.kill();
  });
  afterAll(() => cluster.stop());

  const trials: Trial[] = [];
  afterAll(() => {
    console.log(tableOf(trials));
  });

  it.each(endings)('by $kind: nobody hears anything more', { timeout: 3_600_000 }, async (ending) => {
    const mine: Trial[] = [];
    while (mine.length < TRIALS) {
      const batch = people.slice(0, TRIALS - mine.length);
      const devices = await Promise.all(
        batch.map(async (person) => ({ session: await signInAgain(urls[0], person), other: await signInAgain(urls[0], person) })),
      );
      mine.push(...(await endAll(ending, poster, devices, urls)));
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
