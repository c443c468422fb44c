import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import pg from 'pg';
import { Server, type Socket } from 'socket.io';

/** The way tutorials teach it: a JWT at the handshake, one INSERT per message through a pool, then emit and ack. */
interface Input {
  conversationId: string;
  clientMessageId: string;
  content: string;
}

const secret = new TextEncoder().encode(process.env['JWT_SECRET']);
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
const http = createServer();
const io = new Server(http);

async function authenticate(socket: Socket, next: (error?: Error) => void): Promise<void> {
  try {
    const { payload } = await jwtVerify(String(socket.handshake.auth['token']), secret);
    socket.data.userId = payload.sub;
    const { rows } = await pool.query('select conversation_id from members where user_id = $1', [payload.sub]);
    await socket.join(rows.map((row) => row.conversation_id));
    next();
  } catch {
    next(new Error('unauthorized'));
  }
}

io.use((socket, next) => void authenticate(socket, next));

io.on('connection', (socket) => {
  socket.on('message:send', async (input: Input, ack: (answer: unknown) => void) => {
    const { conversationId, clientMessageId, content } = input;
    if (!socket.rooms.has(conversationId)) return ack({ ok: false, error: 'not a member' });
    try {
      const { rows } = await pool.query(
        'insert into messages (conversation_id, sender_id, content) values ($1, $2, $3) returning id, created_at as "createdAt"',
        [conversationId, socket.data.userId, content],
      );
      const message = { ...rows[0], conversationId, senderId: socket.data.userId, clientMessageId, content };
      io.to(conversationId).emit('message:new', { at: message.createdAt, conversationId, message });
      ack({ ok: true, data: { message } });
    } catch {
      ack({ ok: false, error: 'could not store the message' });
    }
  });
});

http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
});
