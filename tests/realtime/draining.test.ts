import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { posted } from './events.ts';
import { clientOf, connected, startStubGateway, tokenOf, transports } from './stub-gateway.ts';

/** A server on which calls are held until the test lets go. */
async function hold() {
  const door = Promise.withResolvers<void>();
  const begun: string[] = [];
  const held: ReadyOperation<Operation> = {
    operation: operation({
      name: 'test.held',
      summary: 'A test.',
      socket: 'test:held',
      access: 'user',
      input: z.strictObject({ text: z.string() }),
      errors: [],
    }),
    async run(input) {
      begun.push((input as { text: string }).text);
      await door.promise;
      return { body: undefined, existing: false };
    },
  };
  const server = await startStubGateway({ operations: [held] });
  return { server, begun, open: () => door.resolve() };
}

describe.each(transports)('a server that closes, over %s', (transport) => {
  test('answers what runs before it closes the socket, serves that until then, and begins nothing more on it', async () => {
    const { server, begun, open } = await hold();
    server.currentMembers.members.add('ann');
    const [busy, idle] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    const running = busy.call('test:held', { text: 'before' });
    await until(() => begun.length === 1, { what: 'the call' });

    const closing = server.gateway.close();
    expect(await idle.closed).toMatchObject({ reason: 'server_draining' });
    server.tell([posted('late', 1)]);
    await until(() => busy.events.of('message:new').length === 1, { what: 'an event on a socket that is about to be closed' });
    const tooLate = busy.call('test:held', { text: 'after' });
    tooLate.catch(() => {});
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ ok: true });
    await expect(clientOf(transport, server.url, { token: tokenOf('eve') }).connect()).rejects.toThrow(/websocket error|503/);

    open();
    expect(await running).toEqual({ ok: true });
    expect(await busy.closed).toMatchObject({ reason: 'server_draining' });
    await expect(tooLate).rejects.toThrow(/disconnected|ended/);
    await closing;
    expect(begun).toEqual(['before']);
    expect(server.gateway.stats()).toMatchObject({ sockets: 0, plain: 0, upgraded: 0, people: 0 });
  });

  test('does not wait for a call without end', async () => {
    const { server, begun, open } = await hold();
    const client = await connected(transport, server, 'ann');
    client.call('test:held', { text: 'for ever' }).catch(() => {});
    await until(() => begun.length === 1, { what: 'the call' });
    await server.gateway.close({ timeoutMs: 50 });
    expect(await client.closed).toMatchObject({ reason: 'server_draining' });
    open();
    await server.gateway.settled();
  });
});
