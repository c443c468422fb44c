import fastify from 'fastify';

/** The limit of a read over HTTP: a bare Fastify route that answers the same bytes from memory. It knows nobody and checks nothing. */
const app = fastify({ bodyLimit: 8 * 1024 * 1024 });
const texts = new Map<string, string>();
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => done(null, text));

type Named = { Params: { name: string } };
app.post<Named>('/:name', (request, reply) => {
  texts.set(request.params.name, String(request.body));
  return reply.code(204).send();
});
app.get<Named>('/:name', (request, reply) =>
  reply.header('content-type', 'application/json; charset=utf-8').send(texts.get(request.params.name)),
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ msg: 'ready', url }));
