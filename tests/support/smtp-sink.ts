import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerEnvelope } from 'smtp-server';

export type SunkMail = Readonly<{ from: string; to: readonly string[] /** As it came over the wire. */; raw: string; mail: Email }>;

/** Codes that the server answers instead of taking mail: to its recipient, to its content. */
export type Moods = { rcpt: number | undefined; data: number | undefined /** With which words. */; says?: string | undefined };

export type SmtpSink = Readonly<{
  /** `smtp://127.0.0.1:<port>`. */
  url: string;
  received: SunkMail[];
  moods: Moods;
  /** Connections that were opened so far. */
  connections(): number;
  /** Logins that were tried. */
  logins(): number;
  close(): Promise<void>;
}>;

const refusal = (code: number, says = 'answered for a test') => Object.assign(new Error(says), { responseCode: code });

export type SinkOptions = Readonly<{
  credentials?: Readonly<{ user: string; password: string }>;
  port?: number;
  /** Encrypted from the beginning, or by STARTTLS, with this certificate. */
  tls?: Readonly<{ key: string; cert: string; from: 'beginning' | 'starttls' }>;
}>;

/** A real SMTP server that keeps what it takes over. */
export async function openSmtpSink({ credentials, port = 0, tls }: SinkOptions = {}): Promise<SmtpSink> {
  const received: SunkMail[] = [];
  const moods: Moods = { rcpt: undefined, data: undefined };
  let connections = 0;
  let logins = 0;
  const take = async (stream: Readable, { mailFrom, rcptTo }: SMTPServerEnvelope) => {
    const bytes = await buffer(stream);
    if (moods.data !== undefined) throw refusal(moods.data, moods.says);
    const from = mailFrom === false ? '' : mailFrom.address;
    received.push({ from, to: rcptTo.map(({ address }) => address), raw: bytes.toString(), mail: await PostalMime.parse(bytes) });
  };
  const takeThen = callbackify(take);
  const server = new SMTPServer({
    logger: false,
    // No certificate that a client would trust; logins over plain text are for loopback.
    disabledCommands: [...(tls?.from === 'starttls' ? [] : ['STARTTLS']), ...(credentials === undefined ? ['AUTH'] : [])],
    ...(tls && { secure: tls.from === 'beginning', key: tls.key, cert: tls.cert }),
    allowInsecureAuth: tls === undefined,
    authOptional: credentials === undefined,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth({ username, password }, _session, done) {
      logins += 1;
      const known = username === credentials?.user && password === credentials?.password;
      done(known ? null : refusal(535), known ? { user: username } : undefined);
    },
    onRcptTo(_address, _session, done) {
      done(moods.rcpt === undefined ? null : refusal(moods.rcpt, moods.says));
    },
    onData(stream, { envelope }, done) {
      takeThen(stream, envelope, done);
    },
  });
  // A client that leaves in the middle is no fault of the sink.
  server.on('error', () => {});
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    received,
    moods,
    connections: () => connections,
    logins: () => logins,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
