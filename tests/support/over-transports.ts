import { afterAll, beforeAll } from 'vitest';
import { type Caller, overHttp, overSocket } from './callers.ts';
import type { SocketClient, Transport } from './clients.ts';
import { createDatabase, hasPostgres } from './database.ts';
import { type ListeningApp, startTestApp } from './listening-app.ts';
import { type Name, type Person, signUpAll } from './people.ts';

/** An app that listens, for the tests of one file: over the real bus, on PostgreSQL where there is one. Its people are signed up before them. */
export function overTransports<const Names extends readonly Name[]>(...names: Names) {
  let app: ListeningApp | undefined;
  let database: Awaited<ReturnType<typeof createDatabase>> | undefined;
  const sockets: SocketClient[] = [];
  const people = {} as Record<Names[number], Person>;

  beforeAll(async () => {
    database = hasPostgres() ? await createDatabase() : undefined;
    app = await startTestApp(database && { database });
    Object.assign(people, await signUpAll(app.url, ...names));
  });
  afterAll(async () => {
    for (const socket of sockets) await socket.close();
    await app?.close();
    await database?.drop();
  });

  async function connected(person: Person, transport: SocketClient['transport']): Promise<SocketClient> {
    const socket = person.socket(transport);
    sockets.push(socket);
    await socket.connect();
    return socket;
  }
  return {
    people,
    connected,
    callerFor: async (person: Person, transport: Transport): Promise<Caller> =>
      transport === 'http' ? overHttp(person.http) : overSocket(await connected(person, transport)),
  };
}
