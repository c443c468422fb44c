import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { OutboundError } from './outbound-error.ts';
import { guardedLookup, type Resolve } from './resolve.ts';

export type Exchange = Readonly<{
  method: string;
  headers: Headers;
  body: string | Uint8Array | undefined;
  resolve: Resolve;
  /** Whether the host may have addresses that are not public. */
  allowed: boolean;
  signal: AbortSignal;
  maxBytes: number;
}>;

export type Received = Readonly<{ status: number; headers: Headers; body: Uint8Array<ArrayBuffer> }>;

/** Set by the exchange itself. */
const own = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'expect', 'upgrade', 'te', 'trailer'];

/** One request on a connection of its own, whose address is looked up and checked as it is made. */
export function exchange(url: URL, { method, headers, body, resolve, allowed, signal, maxBytes }: Exchange): Promise<Received> {
  const sent = Object.fromEntries([...headers].filter(([name]) => !own.includes(name)));
  return new Promise((fulfil, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      // Coded bodies could be small on the wire and large in memory.
      headers: { 'user-agent': 'Coucou', ...sent, 'accept-encoding': 'identity' },
      agent: false,
      lookup: guardedLookup(resolve, allowed),
      signal,
    });
    request.on('error', reject);
    request.once('response', (response) => {
      receive(response, url, maxBytes).then(fulfil, (error: unknown) => {
        request.destroy();
        reject(error);
      });
    });
    request.end(body);
  });
}

async function receive(response: IncomingMessage, url: URL, maxBytes: number): Promise<Received> {
  return { status: response.statusCode ?? 0, headers: headersOf(response), body: await readBody(response, url, maxBytes) };
}

async function readBody(response: IncomingMessage, { host }: URL, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const coding = response.headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity') throw new OutboundError('not_http', `${host} answers in the content coding ${coding}, which was not accepted`);
  const tooLarge = () => new OutboundError('too_large', `${host} answers more than ${maxBytes} bytes`);
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  return headers;
}
