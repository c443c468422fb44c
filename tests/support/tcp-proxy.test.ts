import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** A service that answers everything with itself, through the proxy. */

const received: string[] = [];
const service = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    received.push(String(data));
    socket.write(data);
  });
  socket.on('end', () => {
    socket.end('the rest');
  });
});
const proxies: TcpProxy[] = [];
beforeAll(async () => {
  await once(service.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  service.close();
});

async function start() {
  const proxy = await openTcpProxy(`tcp://127.0.0.1:${(service.address() as AddressInfo).port}`);
  proxies.push(proxy);
  return { proxy, client: await dial(proxy) };
}
async function dial({ url }: TcpProxy): Promise<{ socket: Socket; heard: string[]; isClosed: () => boolean }> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  const heard: string[] = [];
  socket.on('data', (data) => heard.push(String(data)));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, heard, isClosed: () => socket.closed };
}
const heardBy = (client: { heard: string[] }, text: string) =>
  until(() => client.heard.join('').endsWith(text), { what: `the answer ${text}` });

it('holds what is sent, in one direction or both, and lets it go again', async () => {
  const { proxy, client } = await start();
  proxy.hold('toClient');
  client.socket.write('one');
  await until(() => received.includes('one'), { what: 'one to arrive' });
  expect(client.heard).toEqual([]);
  proxy.release();
  await heardBy(client, 'one');
});

it('holds one connection, whose client sent what was waited for', async () => {
  const { proxy, client } = await start();
  const other = await dial(proxy);
  const met = proxy.intercept((sent) => (sent.includes('commit') ? 'hold' : undefined));
  client.socket.write('commit');
  await met;
  other.socket.write('two');
  await heardBy(other, 'two');
  expect(received).not.toContain('commit');
  proxy.release();
  await heardBy(client, 'commit');
});

it('cuts an answer off, after the service has it', async () => {
  const { proxy, client } = await start();
  const cut = proxy.intercept((sent) => (sent.includes('three') ? 'cutAnswer' : undefined));
  client.socket.write('three');
  await cut;
  await until(client.isClosed, { what: 'the end of the connection' });
  expect(client.heard).toEqual([]);
  expect(received).toContain('three');
});

it('swallows what is sent, and ends what lost something when it is mended', async () => {
  const { proxy, client } = await start();
  proxy.swallow();
  client.socket.write('four');
  const other = await dial(proxy);
  proxy.mend();
  await until(client.isClosed, { what: 'the end of the connection' });
  other.socket.write('five');
  await heardBy(other, 'five');
  expect(received).not.toContain('four');
});

it('closes one half, and carries the other', async () => {
  const { proxy, client } = await start();
  client.socket.write('six');
  await heardBy(client, 'six');
  proxy.halfClose();
  await heardBy(client, 'the rest');
  expect(client.heard.join('')).toBe('sixthe rest');
});

it('delays, cuts and mends', async () => {
  const { proxy, client } = await start();
  proxy.delay(20);
  client.socket.write('seven');
  await heardBy(client, 'seven');
  proxy.cut();
  await until(client.isClosed, { what: 'the end of the connection' });
  const refused = connect({ port: Number(new URL(proxy.url).port), host: '127.0.0.1' });
  refused.on('error', () => {});
  await once(refused, 'close');
  proxy.mend();
  const again = await dial(proxy);
  again.socket.write('eight');
  await heardBy(again, 'eight');
  expect(client.heard.join('')).toBe('seven');
});
