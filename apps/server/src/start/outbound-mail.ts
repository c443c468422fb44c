import type { MailFault, OutboundMail } from '@coucou/application/ports/outbound-mail';
import { isMailbox } from '@coucou/mail/address';
import { createOutboundConnect } from '@coucou/outbound/connect';
import type { OutboundOptions } from '@coucou/outbound/outbound';
import { OutboundError } from '@coucou/outbound/outbound-error';

/** On which mail servers take mail of those who sign in, or of other servers. At hosts of the operator any port is theirs to say. */
const PORTS: readonly number[] = [25, 465, 587, 2525];

/** Mail of accounts through the guard. `allow`: internal hosts of the operator; `ca`: whose certificates are trusted, instead of the platform's. */
export function createOutboundMail({
  allow,
  resolve,
  ca,
}: Pick<OutboundOptions, 'allow' | 'resolve'> & Readonly<{ ca?: string }>): OutboundMail {
  const { isOwn, requireSafe, open } = createOutboundConnect({ allow, ...(resolve && { resolve }) });
  const accepts: OutboundMail['accepts'] = ({ host, port, security }) => {
    try {
      requireSafe(host, port);
      return isOwn(host, port) || (security !== 'none' && PORTS.includes(port));
    } catch (error) {
      if (error instanceof OutboundError) return false;
      throw error;
    }
  };
  const faultOf = (error: unknown): MailFault['reason'] | undefined => {
    if (!(error instanceof OutboundError)) return undefined;
    return error.reason === 'refused' || error.reason === 'timeout' ? error.reason : 'unreachable';
  };
  // Loaded only where it is used.
  let loaded: Promise<Pick<OutboundMail, 'verify' | 'send'>> | undefined;
  const adapter = () =>
    (loaded ??= import('@coucou/mail/outbound-mail').then(({ createMailClient }) => createMailClient({ accepts, open, faultOf, ca })));
  return {
    accepts,
    isMailbox,
    verify: async (...given) => (await adapter()).verify(...given),
    send: async (...given) => (await adapter()).send(...given),
  };
}
