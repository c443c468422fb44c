import type { OutboundAnswer, OutboundCalls, OutboundFault, OutboundPost } from '@coucou/application/ports/outbound-calls';
import { createAllowList } from '@coucou/outbound/allow-list';
import { createOutbound, isCallable, type OutboundOptions, type OutboundRequest } from '@coucou/outbound/outbound';
import { OutboundError } from '@coucou/outbound/outbound-error';

const CHARSET = /;\s*charset="?([^\s;"]+)/i;

/** In a charset that is not known it is read as UTF-8. */
function decode(body: ArrayBuffer, contentType: string | null): string {
  try {
    return new TextDecoder(CHARSET.exec(contentType ?? '')?.[1]).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

type Limited = Pick<OutboundPost, 'url' | 'timeoutMs' | 'maxBytes'>;

/** Calls of accounts through the guard. `allow`: internal hosts of the operator. */
export function createOutboundCalls({ allow, resolve }: Pick<OutboundOptions, 'allow' | 'resolve'>): OutboundCalls {
  const isAllowed = createAllowList(allow);

  async function call({ url, timeoutMs, maxBytes }: Limited, request: OutboundRequest): Promise<OutboundAnswer | OutboundFault> {
    const outbound = createOutbound({ allow, timeoutMs, maxBytes, ...(resolve && { resolve }) });
    try {
      const answer = await outbound(url, request);
      const text = decode(await answer.arrayBuffer(), answer.headers.get('content-type'));
      return { status: answer.status, header: (name) => answer.headers.get(name) ?? undefined, text };
    } catch (error) {
      if (error instanceof OutboundError) return error.reason;
      throw error;
    }
  }

  return {
    accepts: (url) => isCallable(url, isAllowed),
    get: (request) => call(request, { headers: request.headers, redirect: request.redirect }),
    post: (request) => call(request, { method: 'POST', headers: request.headers, body: request.body, redirect: 'manual' }),
  };
}
