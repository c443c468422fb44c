import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

/** A node of the limit of S4: stock Socket.IO with its sharded Redis adapter, that only passes messages on. */
interface Input {
  conversationId: string;
  clientMessageId: string;
  content: string;
}

const redis = new Redis(process.env['REDIS_URL'] ?? '');
const http = createServer();
const io = new Server(http, { adapter: createShardedAdapter(redis, redis.duplicate(), { subscriptionMode: 'dynamic' }) });

io.on('connection', (socket) => {
  const { conversationId } = socket.handshake.auth as { conversationId: string };
  void socket.join(conversationId);
  socket.on('message:send', (input: Input, ack: (answer: unknown) => void) => {
    const at = new Date().toISOString();
    const message = { ...input, createdAt: at };
    io.to(conversationId).emit('message:new', { at, conversationId, message });
    ack({ ok: true, data: { message } });
  });
});

http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
});
