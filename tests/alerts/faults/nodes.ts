import { connect, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { httpClient, plainClient } from '../../support/clients.ts';
import { openGroup, signInAgain, signUp } from '../../support/people.ts';
import type { Fault } from '../fault.ts';
import { lasting } from '../../faults/harness/world.ts';
import { CROWD, MOST_FILES, repeating, type Stage } from '../stage.ts';

const END = 'SIGKILL';

/** Connections of TCP that say nothing; those that a node ends are opened again. */
function silent(url: string, count: number): () => Promise<void> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const stop = repeating(async () => {
    while (open.size < count) {
      const socket = connect(Number(port), hostname);
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
  }, 100);
  return async () => {
    await stop();
    for (const socket of open) socket.destroy();
  };
}

/** As large as a message may be. */
const large = () => ({ clientMessageId: randomUUID(), content: '🐦'.repeat(5_000), data: { filler: 'x'.repeat(8_000) } });

/** Sockets of one person that read nothing, while somebody writes much to them. */
async function slowReaders({ nodes: [{ url }] }: Stage): Promise<() => Promise<void>> {
  const [writer, reader] = [await signUp(url, 'writer'), await signUp(url, 'reader')];
  const { id } = await openGroup(writer, [reader]);
  const sockets = Array.from({ length: 30 }, () => plainClient(url, { token: reader.accessToken }));
  for (const socket of sockets) {
    await socket.connect();
    socket.socket.pause();
  }
  const stop = repeating(
    () => Promise.all(Array.from({ length: 10 }, () => writer.http.call('POST', `/api/v1/conversations/${id}/messages`, large()))),
    10,
  );
  return async () => {
    await stop();
    for (const { socket } of sockets) socket.terminate();
  };
}

/** What happens to nodes, and what clients do to them. */
export const nodeFaults: readonly Fault[] = [
  {
    name: 'clients come back with copies of another life of the database',
    fires: ['CoucouSyncBudgetBurn, page', 'CoucouSyncBudgetBurn, ticket'],
    begin: async ({ nodes: [{ url }], people: [person], groups: [group = ''] }) => {
      const { http } = person === undefined ? { http: httpClient(url) } : await signInAgain(url, person);
      const body = { epoch: randomUUID(), conversations: { [group]: { version: 1_000_000 } }, limit: 10 };
      return repeating(() => http.call('POST', '/api/v1/sync', body), 50);
    },
  },
  {
    name: 'a node is killed',
    inSmoke: true,
    fires: ['CoucouNodeDown, page'],
    async begin({ nodes: [, node] }) {
      await node.end(END);
      return () => node.start();
    },
  },
  {
    name: 'all nodes are killed',
    fires: ['CoucouAllDown, page'],
    async begin({ nodes }) {
      for (const node of nodes) await node.end(END);
      return async () => {
        for (const node of nodes) await node.start();
      };
    },
  },
  {
    name: 'a node is killed and started again and again',
    fires: ['CoucouRestarts, ticket'],
    async begin({ nodes: [, node] }) {
      for (let time = 0; time < 4; time += 1) {
        await node.end(END);
        await node.start();
        // Read before it is killed once more.
        await lasting(2_500);
      }
      return async () => {};
    },
  },
  {
    name: 'a node stops for 400 ms, again and again',
    fires: ['CoucouEventLoopSlow, ticket'],
    begin: async ({ nodes: [, { app }] }) =>
      repeating(async () => {
        await app.kill('SIGSTOP');
        await lasting(400);
        await app.kill('SIGCONT');
        // Often enough for one to end between any two scrapes.
      }, 150),
  },
  {
    name: 'connections use up the files of a node',
    fires: ['CoucouFilesExhausted, page'],
    async begin({ nodes: [, { app }], prometheus }) {
      // Nine tenths: with all of them in use it would not be read any more.
      const open = await prometheus.query(`process_open_fds and (process_max_fds == ${MOST_FILES})`);
      // The main port lets no network have so many that nobody signs in to.
      const { metricsUrl } = app.logs().findLast(({ msg }) => msg === 'ready');
      return silent(metricsUrl, Math.round(MOST_FILES * 0.9) - Number(open[0]?.values[0]?.[1] ?? 0));
    },
  },
  {
    name: 'a crowd connects and does not sign in',
    fires: ['CoucouConnectionsRefused, ticket'],
    begin: async ({ nodes: [{ url }] }) => {
      const stop = repeating(async () => {
        const crowd = Array.from({ length: CROWD * 2 }, () => plainClient(url, {}));
        await Promise.allSettled(crowd.map((client) => client.connect()));
        await lasting(300);
        for (const { socket } of crowd) socket.terminate();
      }, 100);
      return stop;
    },
  },
  { name: 'clients do not read what they are sent', fires: ['CoucouSlowConsumers, ticket'], begin: slowReaders },
  {
    name: 'somebody guesses passwords',
    fires: ['CoucouLoginGuessing, ticket'],
    begin: async ({ nodes, people }) =>
      repeating(
        () =>
          Promise.all(
            people.slice(0, 4).map(({ username }, at) =>
              httpClient(nodes[at % nodes.length]?.url ?? '').call('POST', '/api/v1/auth/login', {
                username,
                password: 'a guess of many',
              }),
            ),
          ),
        20,
      ),
  },
  {
    name: 'refresh tokens are used twice',
    fires: ['CoucouRefreshReplays, ticket'],
    async begin({ nodes: [{ url }] }) {
      const refresh = async (refreshToken: string) =>
        (await httpClient(url).call('POST', '/api/v1/auth/refresh', { refreshToken })).body.refreshToken;
      const person = await signUp(url, 'robbed');
      return repeating(async () => {
        const { refreshToken } = await signInAgain(url, person);
        await refresh(await refresh(refreshToken));
        await refresh(refreshToken);
      }, 100);
    },
  },
];
