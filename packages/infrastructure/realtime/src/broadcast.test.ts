import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { textFrame } from './broadcast.ts';
import { GuardedServer, type GuardedWebSocket } from './web-socket.ts';

test('a frame is read as the text that it holds, whatever the length', async () => {
  const server = new GuardedServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const [socket] = (await once(server, 'connection')) as [GuardedWebSocket];
    // Each form of the length, at both of its ends; the last has fewer characters than bytes.
    const texts = [0, 125, 126, 65_535, 65_536, 200_000].map((length) => 'x'.repeat(length)).concat('né€😀'.repeat(40));
    const heard: string[] = [];
    client.on('message', (data, isBinary) => heard.push(isBinary ? 'bytes' : (data as Buffer).toString()));
    for (const text of texts) socket.sendFrame(textFrame(text));
    socket.close();
    await once(client, 'close');
    expect(heard.map(({ length }) => length)).toEqual(texts.map(({ length }) => length));
    expect(heard).toEqual(texts);
    expect(() => socket.sendFrame(textFrame('too late'))).not.toThrow();
  } finally {
    client.terminate();
    server.close();
  }
});
