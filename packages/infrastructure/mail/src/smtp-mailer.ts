import { setTimeout as pause } from 'node:timers/promises';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { Mail, Mailer } from '@coucou/application/ports/mailer';
import { errors } from '@coucou/domain/kernel/errors';
import { createTransport } from 'nodemailer';
import { headerLine, headerName, isMailbox } from './address.ts';
import { createTaken } from './taken.ts';

export type Sender = Readonly<{ address: string; name?: string | undefined }>;

export type SmtpOptions = Readonly<{
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  url: string;
  from: Sender;
  log: Readonly<{ warn: (details: object, message: string) => void }>;
  timeouts?: Partial<typeof TIMEOUTS>;
}>;

export type SmtpMailer = Mailer &
  Readonly<{
    health: HealthCheck;
    /** Waits for deliveries under way, at most for so long (milliseconds). */
    close(patienceMs: number): Promise<void>;
  }>;

/** Milliseconds. A whole delivery stays below the lease under which the outbox hands it out. */
const TIMEOUTS = {
  connectMs: 5_000,
  greetingMs: 5_000,
  silenceMs: 10_000,
  deliveryMs: 15_000,
  idleMs: 30_000,
  probeMs: 1_500,
  probeEveryMs: 60_000,
};
const CONNECTIONS = 4;

const isLocal = (host: string): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(host);

/**
 * `smtp` begins in plain text and changes to TLS where the server offers it; it must where a password is sent over a network. Certificates are
 * verified.
 */
function connectionOf(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && username !== '' && !isLocal(hostname),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

/** The server's answer about one mail. What it says with it may quote the address, so that goes nowhere. */
type Refusal = Readonly<{ command: 'RCPT TO' | 'DATA'; responseCode: number; bounce?: 'hard' | 'soft' }>;

/**
 * What a permanent refusal of a recipient says of the address, by its enhanced status (RFC 3463): X.2.2 is a full mailbox, and X.7 a policy about
 * the sender or the content, which strangers can bring about.
 */
function bounceIn(responseCode: number, response: unknown): 'hard' | 'soft' | undefined {
  const [, status] = /^\d{3}[ -]5\.(\d{1,3}\.\d{1,3})\b/.exec(typeof response === 'string' ? response : '') ?? [];
  if (status?.startsWith('7.') === true) return undefined;
  return status === '2.2' || responseCode === 552 ? 'soft' : 'hard';
}

/** Every other failure is one of the connection, the login or the sender, and so of all mail. */
function refusalIn(error: unknown): Refusal {
  const { command, responseCode, response } = error as { command?: unknown; responseCode?: unknown; response?: unknown };
  if ((command === 'RCPT TO' || command === 'DATA') && typeof responseCode === 'number' && responseCode !== 421) {
    const bounce = command === 'RCPT TO' && responseCode >= 500 ? bounceIn(responseCode, response) : undefined;
    return { command, responseCode, ...(bounce !== undefined && { bounce }) };
  }
  throw errors.SERVICE_UNAVAILABLE({ reason: 'mail' }, { cause: new Error(describe(error)) });
}

/** Mail by SMTP, over a few connections that are kept for a while. */
export function createSmtpMailer({ url, from, log, timeouts }: SmtpOptions): SmtpMailer {
  const { connectMs, greetingMs, silenceMs, deliveryMs, idleMs, probeMs, probeEveryMs } = { ...TIMEOUTS, ...timeouts };
  const transport = createTransport({
    ...connectionOf(url),
    pool: true,
    maxConnections: CONNECTIONS,
    // The outbox tries again; the pool itself would not know whether the server had taken it over.
    maxRequeues: 0,
    dnsTimeout: connectMs,
    connectionTimeout: connectMs,
    greetingTimeout: greetingMs,
    socketTimeout: silenceMs,
    idleTimeout: idleMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const taken = createTaken();
  const underWay = new Set<Promise<unknown>>();
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  let probe: Readonly<{ at: number; found: Promise<boolean> }> | undefined;

  const deliver = ({ id, to, subject, text, html, unsubscribeUrl }: Mail) =>
    transport.sendMail({
      // Not left to what a library reads out of headers.
      envelope: { from: from.address, to: [to.address] },
      from: { address: from.address, name: from.name === undefined ? '' : (headerName(from.name) ?? '') },
      to: { address: to.address, name: (to.name !== undefined && headerName(to.name)) || '' },
      subject: headerLine(subject),
      text,
      html,
      messageId: `<${id}@${domain}>`,
      // RFC 3834: nobody's absence note answers it.
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(unsubscribeUrl !== undefined && {
          'List-Unsubscribe': `<${unsubscribeUrl}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }),
      },
      signal: AbortSignal.timeout(deliveryMs),
    });

  return {
    isAvailable: true,
    async send(mail) {
      if (taken.has(mail.id)) return { is: 'taken' };
      if (!isMailbox(mail.to.address)) {
        log.warn({ mail: mail.id }, 'a mail was dropped: its address cannot be written to');
        return { is: 'refused' };
      }
      const delivery = deliver(mail).then(() => undefined, refusalIn);
      underWay.add(delivery);
      const refusal = await delivery.finally(() => underWay.delete(delivery));
      if (refusal === undefined) {
        taken.add(mail.id);
        return { is: 'taken' };
      }
      const { command, responseCode, bounce } = refusal;
      if (responseCode < 500) throw new Error(`the mail server answered ${responseCode} to ${command}`);
      log.warn({ mail: mail.id, command, responseCode }, 'the mail server refused a mail for good');
      taken.add(mail.id);
      return { is: 'refused', ...(bounce !== undefined && { bounce }) };
    },
    health: {
      name: 'mail',
      async check() {
        const now = performance.now();
        if (probe === undefined || now - probe.at >= probeEveryMs) {
          probe = {
            at: now,
            found: transport.verify().catch((error) => (log.warn({ reason: describe(error) }, 'the mail server cannot be used'), false)),
          };
        }
        return (await Promise.race([probe.found, pause(probeMs, false, { ref: false })]))
          ? { status: 'up' }
          : { status: 'degraded', detail: 'the mail server does not answer' };
      },
    },
    async close(patienceMs) {
      await Promise.race([Promise.allSettled(underWay), pause(patienceMs, undefined, { ref: false })]);
      transport.close({ force: true });
    },
  };
}

/** Without what the server said, and without the URL and its password. */
function describe(error: unknown): string {
  const { code = 'unknown', command = 'CONN', responseCode } = error as { code?: string; command?: string; responseCode?: number };
  return `mail: ${code} at ${command}${responseCode === undefined ? '' : `, answered ${responseCode}`}`;
}
