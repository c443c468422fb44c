import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { OutboundMail } from '@coucou/application/ports/outbound-mail';
import { type Override, override } from '@coucou/server/composition/ports';
import { createOutboundCalls } from '@coucou/server/start/outbound-calls';
import { createOutboundMail } from '@coucou/server/start/outbound-mail';

/** Lets the server call receivers of tests, which are on this machine, as an operator would by `OUTBOUND_ALLOW`. */
export const outboundTo = (options: Parameters<typeof createOutboundCalls>[0]): Override =>
  override(OutboundCalls, createOutboundCalls(options));

/** The same of mail servers. `ca`: whose certificates they have. */
export const outboundMailTo = (options: Parameters<typeof createOutboundMail>[0]): Override =>
  override(OutboundMail, createOutboundMail(options));
