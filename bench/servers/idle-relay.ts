import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

/** The limit for idle sockets: stock Socket.IO whose sockets join as many rooms as they say, and no more. */
const http = createServer();
const io = new Server(http);

io.on('connection', (socket) => {
  const { rooms } = socket.handshake.auth as { rooms: string[] };
  void socket.join(rooms);
});

http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
});
