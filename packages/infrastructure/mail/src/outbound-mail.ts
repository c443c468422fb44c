import type { Socket } from 'node:net';
import type { MailFault, MailServer, OutboundMail } from '@coucou/application/ports/outbound-mail';
import { createTransport } from 'nodemailer';
import { headerLine, headerName } from './address.ts';

export type MailClientOptions = Readonly<{
  accepts: OutboundMail['accepts'];
  /** A connection through the guard; what it throws is explained by `faultOf`. */
  open: (host: string, port: number, signal: AbortSignal) => Promise<Socket>;
  /** Why there is no connection; undefined for an error that is none of these. */
  faultOf: (error: unknown) => MailFault['reason'] | undefined;
  /** Certificate authorities instead of those that the platform trusts. */
  ca?: string | undefined;
}>;

type Transport = ReturnType<typeof transportOver>;

/** One mail, or one check, on a connection of its own. */
export function createMailClient({ accepts, open, faultOf, ca }: MailClientOptions): Pick<OutboundMail, 'verify' | 'send'> {
  async function over(
    server: MailServer,
    timeoutMs: number,
    use: (transport: Transport) => Promise<unknown>,
  ): Promise<MailFault | undefined> {
    if (!accepts(server)) return { reason: 'refused', status: undefined };
    const ending = AbortSignal.timeout(timeoutMs);
    let socket: Socket;
    try {
      socket = await open(server.host, server.port, ending);
    } catch (error) {
      const reason = faultOf(error);
      if (reason === undefined) throw error;
      return { reason, status: undefined };
    }
    // Whatever it is waiting for by then.
    const end = (): void => void socket.destroy();
    ending.addEventListener('abort', end);
    try {
      await use(transportOver(socket, server, timeoutMs, ca));
      return undefined;
    } catch (error) {
      return ending.aborted ? { reason: 'timeout', status: undefined } : explain(error);
    } finally {
      ending.removeEventListener('abort', end);
      socket.destroy();
    }
  }

  return {
    verify: (server, timeoutMs) => over(server, timeoutMs, (transport) => transport.verify()),
    send: (server, { id, from, fromName, to, subject, text }, timeoutMs) =>
      over(server, timeoutMs, (transport) =>
        transport.sendMail({
          envelope: { from, to: [to] },
          from: { address: from, name: headerName(fromName) ?? '' },
          to: { address: to, name: '' },
          subject: headerLine(subject),
          text,
          messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          // RFC 3834: nobody's absence note answers it.
          headers: { 'Auto-Submitted': 'auto-generated' },
        }),
      ),
  };
}

const transportOver = (connection: Socket, { host, port, security, user, password }: MailServer, timeoutMs: number, ca?: string) =>
  createTransport({
    // Connected already, to an address that was checked; the name is what the certificate is verified for.
    connection,
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    auth: { user, pass: password },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

/** By code and status alone: what a server says may quote what it was told. */
function explain(error: unknown): MailFault {
  const { code, command, responseCode } = error as Readonly<{ code?: unknown; command?: unknown; responseCode?: unknown }>;
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const fault = (reason: MailFault['reason']): MailFault => ({ reason, status });
  if (code === 'ETLS') return fault('tls');
  if (code === 'EAUTH') return fault(status !== undefined && status < 500 ? 'answered' : 'authentication');
  if (code === 'ETIMEDOUT') return fault('timeout');
  if (code === 'EPROTOCOL') return fault('not_smtp');
  if (status !== undefined) return fault(status >= 500 && command !== 'CONN' ? 'rejected' : 'answered');
  return fault(isTlsError(error) ? 'tls' : 'unreachable');
}

/** Of a handshake: OpenSSL's own errors, and certificates that are not verified. */
function isTlsError(error: unknown): boolean {
  const { message = '', code, cause } = error as Readonly<{ message?: string; code?: unknown; cause?: Readonly<{ code?: unknown }> }>;
  const codes = [code, cause?.code].filter((each) => typeof each === 'string');
  return codes.some((each) => /^ERR_(SSL|TLS)_|CERT|SELF_SIGNED|UNABLE_TO_/.test(each)) || /certificate|\b(TLS|SSL)\b/i.test(message);
}
