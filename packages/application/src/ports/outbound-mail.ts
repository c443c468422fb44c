import { token } from '../kernel/token.ts';

/**
 * A mail server of somebody else. `tls`: encrypted from the beginning; `starttls`: it must change to TLS before anything is said; `none`: for internal
 * servers of the operator alone. Certificates are verified for `host`.
 */
export type MailServer = Readonly<{
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string;
  password: string;
}>;

export type OutboundMailMessage = Readonly<{ id: string; from: string; fromName: string; to: string; subject: string; text: string }>;

/**
 * Why a mail was not taken over, or a server cannot be used. `refused`: not a place that this server connects to; `tls`: no encrypted connection, or
 * a certificate of another; `rejected`: this mail, for good; `answered`: not now; `not_smtp`: an answer that cannot be read.
 */
export type MailFault = Readonly<{
  reason: 'refused' | 'unreachable' | 'timeout' | 'tls' | 'authentication' | 'rejected' | 'answered' | 'not_smtp';
  /** What the server answered, where it did. */
  status: number | undefined;
}>;

/** Mail through servers that accounts name, through the same guard as calls. None of it rejects for what the other side does. */
export interface OutboundMail {
  /** Whether a server may be connected to at all, as far as that can be told without looking its name up. */
  accepts(server: Pick<MailServer, 'host' | 'port' | 'security'>): boolean;
  /** Whether an address can be written to. */
  isMailbox(address: string): boolean;
  /** Connects, encrypts and signs in, and sends nothing. Undefined when all of it worked. */
  verify(server: MailServer, timeoutMs: number): Promise<MailFault | undefined>;
  /** Undefined once the server has taken the mail over. */
  send(server: MailServer, mail: OutboundMailMessage, timeoutMs: number): Promise<MailFault | undefined>;
}
export const OutboundMail = token<OutboundMail>('OutboundMail');
