import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMessageReader } from '@coucou/postgres/messages/message-reader';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { presentStoredMessage } from '@coucou/features/messages/presenters';
import { asId } from '@coucou/domain/kernel/ids';

/**
 * The least that a page of history over HTTP can cost: the product's reader and presenter, and nobody asked who they are. `/again` answers
 * the last page, from memory: the least that so many bytes over HTTP can cost.
 */
const { DATABASE_URL = '', ACCOUNT = '', VIEWER = '', CONVERSATION = '' } = process.env;
const pool = createPgPool({ url: DATABASE_URL, max: 2, onConnect: RUNTIME_SESSION });
const reader = createMessageReader(pool);

let last = '{}';

const server = createServer((request, response) => {
  const answer = (body: string) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  if (request.url === '/again') return answer(last);
  const query = new URLSearchParams(request.url?.split('?')[1]);
  reader
    .history(asId(ACCOUNT), asId(VIEWER), asId(CONVERSATION), { limit: Number(query.get('limit')), before: Number(query.get('before')) })
    .then((page) => {
      if (page === undefined) throw new Error('the viewer is no member');
      last = JSON.stringify({ ...page, items: page.items.map(presentStoredMessage) });
      answer(last);
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${port}` }));
});
