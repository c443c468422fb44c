import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** The limit of a handshake: a bare `ws` server that lets everybody in and says nothing. Its queue of connections is as long as the product's. */
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => socket.on('error', () => {}));

http.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
});
