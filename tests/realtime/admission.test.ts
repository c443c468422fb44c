import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { clientOf, connected, startStubGateway, tokenOf, transports } from './stub-gateway.ts';
import { ways } from './ways.ts';

/** A node that signs one socket in at a time, and is about to, for as long as the test wants. */
async function busy(mostWaiting: number) {
  const server = await startStubGateway({ admission: { mostBusy: 1, mostWaiting } });
  const bystander = await connected('socket.io', server, 'bob');
  const door = Promise.withResolvers<void>();
  server.currentMembers.meanwhile = () => door.promise;
  const asked = server.currentMembers.asked + 1;
  const first = connected('websocket', server, 'ann');
  first.catch(() => {});
  await until(() => server.currentMembers.asked === asked, { what: 'the first to be signed in' });
  const waiting = (count: number) => until(() => server.gateway.stats().handshakes === count, { what: `${count} to wait` });
  return { server, bystander, first, waiting, open: () => door.resolve() };
}

describe.each(Object.entries(ways))('a handshake by %s', (_name, shake) => {
  test('waits while others are signed in, is refused when too many wait, and disturbs nobody', async () => {
    const { server, bystander, first, waiting, open } = await busy(1);
    const second = shake(server);
    await waiting(1);
    const { status, body, retryAfter } = await shake(server);
    expect(status).toBe(503);
    expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({
      code: 'OVERLOADED',
      details: { reason: 'handshakes', retryAfterSeconds: Number(retryAfter) },
    });
    expect(server.refusedHandshakes.value).toBe(1);
    expect(await bystander.call('test:echo', { text: 'served' })).toMatchObject({ ok: true });
    expect(server.gateway.stats().handshakes).toBe(1);
    open();
    await first;
    expect((await second).status).toBeLessThan(300);
    expect((await shake(server)).status).toBeLessThan(300);
  });

  test('that waits, or comes later, is refused once the server closes', async () => {
    const { server, first, waiting, open } = await busy(1);
    const second = shake(server);
    await waiting(1);
    const closing = server.gateway.close({ timeoutMs: 200 });
    for (const { status, body, retryAfter } of [await second, await shake(server)]) {
      expect([status, Number(retryAfter) >= 1]).toEqual([503, true]);
      expect(ErrorBody.strict().parse(JSON.parse(body))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    }
    open();
    await Promise.allSettled([first, closing]);
  });
});

test('a storm is let in, with few queries for all of it', async () => {
  const server = await startStubGateway();
  server.currentMembers.meanwhile = async () => {
    for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  };
  const storm = Array.from({ length: 200 }, (_, n) => {
    const client = clientOf(transports[n % 2] as (typeof transports)[number], server.url, { token: tokenOf(`user-${n}`) });
    server.currentMembers.members.add(`user-${n}`);
    return client.connect();
  });
  await Promise.all(storm);
  expect(server.gateway.stats()).toMatchObject({ sockets: 200, people: 200, rooms: 1, handshakes: 0 });
  expect(server.currentMembers.asked).toBeLessThan(100);
  expect(server.refusedHandshakes.value).toBe(0);
});

test.each(['/ws', '/socket.io/?EIO=4&transport=websocket'])('a call is answered while a storm to %s waits its turn', async (path) => {
  const server = await startStubGateway();
  const bystander = await connected('socket.io', server, 'bob');
  const storm = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      // So that it has been accepted, which a server does with one in each turn.
      socket.write('GET /health HTTP/1.1\r\nHost: here\r\n\r\n');
      await once(socket, 'data');
      return socket;
    }),
  );
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  for (const socket of storm) socket.write([`GET ${path} HTTP/1.1`, 'Host: here', ...upgrade, '', ''].join('\r\n'));
  await until(() => server.gateway.stats().handshakes > 0, { what: 'the storm' });
  expect(await bystander.call('test:echo')).toMatchObject({ ok: true });
  expect(server.gateway.stats().handshakes).toBeGreaterThan(0);
  await until(() => server.gateway.stats().connections === 501, { what: 'all of them to be let in' });
  expect(server.gateway.stats().handshakes).toBe(0);
});
