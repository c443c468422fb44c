import type { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { createAllowList } from '@coucou/outbound/allow-list';
import { createOutbound, isCallable, type OutboundOptions } from '@coucou/outbound/outbound';
import { OutboundError } from '@coucou/outbound/outbound-error';

/** Calls of accounts through the guard. `allow`: internal hosts of the operator. */
export function createOutboundCalls({ allow, resolve }: Pick<OutboundOptions, 'allow' | 'resolve'>): OutboundCalls {
  const isAllowed = createAllowList(allow);
  return {
    accepts: (url) => isCallable(url, isAllowed),
    async post({ url, headers, body, timeoutMs, maxBytes }) {
      const outbound = createOutbound({ allow, timeoutMs, maxBytes, ...(resolve && { resolve }) });
      try {
        const answer = await outbound(url, { method: 'POST', headers, body, redirect: 'manual' });
        return { status: answer.status, header: (name) => answer.headers.get(name) ?? undefined, text: await answer.text() };
      } catch (error) {
        if (error instanceof OutboundError) return error.reason;
        throw error;
      }
    },
  };
}
