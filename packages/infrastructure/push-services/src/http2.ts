import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { MOST_ANSWERED, TIMEOUT_MS } from './service.ts';

export type Http2Answer = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;

export type Http2Post = Readonly<{ path: string; headers: Readonly<Record<string, string>>; body: string }>;

export type Http2Client = Readonly<{
  /** Undefined where there is no answer, or none in time. */
  post: (request: Http2Post) => Promise<Http2Answer | undefined>;
  close: () => void;
}>;

/** Requests over one connection to an address of the operator's own choice; it is made anew when it has ended, and ends after a while without any. */
export function createHttp2Client(origin: string, { timeoutMs = TIMEOUT_MS, idleMs = 60_000 } = {}): Http2Client {
  let session: ClientHttp2Session | undefined;

  function open(): ClientHttp2Session {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    const opened = connect(origin);
    const forget = () => {
      if (session === opened) session = undefined;
    };
    // What was under way fails by its stream.
    opened.on('error', forget);
    opened.on('goaway', forget);
    opened.on('close', forget);
    opened.setTimeout(idleMs, () => opened.close());
    opened.unref();
    session = opened;
    return opened;
  }

  return {
    post: ({ path, headers, body }) =>
      new Promise((resolve) => {
        const stream = open().request({ [constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: path, ...headers });
        let answered: IncomingHttpHeaders = {};
        let text = '';
        let isWhole = false;
        const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs);
        stream.setEncoding('utf8');
        stream.on('response', (received) => void (answered = received));
        stream.on('data', (piece: string) => {
          text += piece;
          if (text.length > MOST_ANSWERED) stream.close(constants.NGHTTP2_CANCEL);
        });
        stream.on('end', () => void (isWhole = true));
        stream.on('error', () => {});
        stream.on('close', () => {
          clearTimeout(timer);
          const status = answered[constants.HTTP2_HEADER_STATUS] as number | undefined;
          const isAnswer = isWhole && status !== undefined && stream.rstCode === constants.NGHTTP2_NO_ERROR;
          resolve(isAnswer ? { status, headers: answered, text } : undefined);
        });
        stream.end(body);
      }),
    close: () => session?.destroy(),
  };
}

const later = { is: 'later', retryAfter: undefined } as const;

/** What the services mean by an answer that says neither that they took it nor anything of the device. */
export const outcomeOf = (answer: Http2Answer | undefined) => {
  if (answer === undefined) return later;
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { is: 'taken' } as const;
  return status === 429 || status >= 500 ? ({ is: 'later', retryAfter: headers['retry-after'] } as const) : ({ is: 'refused' } as const);
};

/** A field of a JSON answer, by its path; undefined where it is not text. */
export function textAt(json: string, ...path: readonly string[]): string | undefined {
  try {
    const found = path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], JSON.parse(json));
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}
