import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

/**
 * The limit: stock Socket.IO that only passes messages on. It knows nobody, stores nothing and numbers nothing. With `RELAY_REDIS_URL` it is one of
 * several nodes, by Socket.IO's sharded Redis adapter.
 */
interface Input {
  conversationId: string;
  clientMessageId: string;
  content: string;
}

const http = createServer();
const redisUrl = process.env['RELAY_REDIS_URL'];
const io = new Server(http, redisUrl === undefined ? {} : { adapter: sharded(new Redis(redisUrl)) });

function sharded(redis: Redis) {
  return createShardedAdapter(redis, redis.duplicate(), { subscriptionMode: 'dynamic' });
}

io.on('connection', (socket) => {
  const { conversationId } = socket.handshake.auth as { conversationId: string };
  void socket.join(conversationId);
  socket.on('message:send', (input: Input, ack: (answer: unknown) => void) => {
    const at = new Date().toISOString();
    const message = { ...input, createdAt: at };
    io.to(conversationId).emit('message:new', { at, conversationId, message });
    ack({ ok: true, data: { message } });
  });
  socket.on('typing', (input: object) => {
    socket.to(conversationId).volatile.emit('typing', { at: new Date().toISOString(), ...input });
  });
  socket.on('presence:set', (input: object) => {
    io.to(conversationId).volatile.emit('presence:changed', { at: new Date().toISOString(), ...input });
  });
});

// As many waiting connections as the product takes.
http.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
});
