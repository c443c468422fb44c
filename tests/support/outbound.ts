import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { type Override, override } from '@coucou/server/composition/ports';
import { createOutboundCalls } from '@coucou/server/start/outbound-calls';

/** Lets the server call receivers of tests, which are on this machine, as an operator would by `OUTBOUND_ALLOW`. */
export const outboundTo = (options: Parameters<typeof createOutboundCalls>[0]): Override =>
  override(OutboundCalls, createOutboundCalls(options));
