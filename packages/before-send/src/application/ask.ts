import { chanceOf } from '@coucou/application/kernel/chance';
import type { Ports } from '@coucou/application/kernel/token';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { MessageSettings } from '@coucou/application/messages/message-settings';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { Metrics } from '@coucou/application/ports/metrics';
import { OutboundCalls, type OutboundFault } from '@coucou/application/ports/outbound-calls';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';
import { requireMessageSize } from '@coucou/domain/messages/message-sizes';
import type { BeforeSendHook } from '../domain/before-send-hook.ts';
import { beforeSendLimits } from '../domain/limits.ts';
import type { Failure, Finding, Unasked, Verdict } from '../domain/verdict.ts';
import { CallGate } from './before-send-ports.ts';
import type { Question } from './question.ts';

export const askPorts = {
  calls: OutboundCalls,
  signatures: WebhookSignatures,
  gate: CallGate,
  settings: MessageSettings,
  metrics: Metrics,
  clock: Clock,
  ids: Ids,
};
type Given = Ports<typeof askPorts>;

/** Reads an answer, by the rules of what clients send; undefined for what is none. */
export type ReadVerdict = (text: string) => Verdict | undefined;

/** Whose secret it is: an account has one hook. */
export const ownerOf = (account: AccountId) => ({ account, webhookId: 'before-send' });

const isFinding = (answer: Verdict | Finding): answer is Finding => 'failure' in answer;

const failed = (failure: Failure, status?: number): Finding => ({ failure, status });

const FAULTS: Readonly<Record<OutboundFault, Failure>> = {
  refused: 'address_refused',
  unreachable: 'unreachable',
  timeout: 'timeout',
  too_large: 'too_large',
  // Redirects are not followed, so that there are never too many.
  too_many_redirects: 'redirected',
  not_http: 'not_http',
};

/** One request, and its answer. Does not reject for what the other side does. */
export async function call(
  { calls, signatures, settings, clock, ids }: Given,
  hook: BeforeSendHook,
  question: Question,
  read: ReadVerdict,
): Promise<Verdict | Finding> {
  const at = clock.now();
  const body = JSON.stringify({ type: 'message.before_send', timestamp: at.toISOString(), data: question });
  const signed = signatures.sign(ownerOf(hook.accountId), SealedSecrets.inForce(hook, at), { id: `ask_${ids.next()}`, at, body });
  const answer = await calls.post({
    url: hook.url,
    headers: { 'content-type': 'application/json', ...signed },
    body,
    timeoutMs: hook.timeoutMs,
    maxBytes: beforeSendLimits.answerBytes,
  });
  if (typeof answer === 'string') return failed(FAULTS[answer]);
  const { status } = answer;
  if (status >= 300 && status < 400) return failed('redirected', status);
  if (status !== 200) return failed('answered', status);
  const verdict = read(answer.text);
  return verdict !== undefined && isAllowed(verdict, question, settings) ? verdict : failed('invalid', status);
}

/** What takes the place of a message obeys the operator's sizes, as a client's does; and an edit changes no data. */
function isAllowed(verdict: Verdict, question: Question, settings: MessageSettings): boolean {
  if (verdict.action !== 'change') return true;
  if (question.action === 'edit' && verdict.data !== undefined) return false;
  try {
    requireMessageSize({ ...verdict, attachments: [], forwarded: false }, settings);
    return true;
  } catch (error) {
    if (error instanceof ChatError) return false;
    throw error;
  }
}

/** Asks about a message, unless the breaker is open or too much is under way. */
export async function ask(given: Given, hook: BeforeSendHook, question: Question, read: ReadVerdict): Promise<Verdict | Finding | Unasked> {
  const { gate, metrics, clock, ids } = given;
  const entry = gate.enter(hook, clock.now());
  if (typeof entry === 'string') {
    metrics.counter(catalogue.beforeSendCalls, { outcome: entry }).add();
    return entry;
  }
  if (entry.probes) metrics.counter(catalogue.beforeSendBreaker, { state: 'half_open' }).add();
  let answer: Verdict | Finding = failed('unreachable');
  try {
    answer = await call(given, hook, question, read);
    return answer;
  } finally {
    const changed = entry.leave(isFinding(answer) ? answer : undefined, clock.now(), () => chanceOf(ids));
    if (changed !== undefined) metrics.counter(catalogue.beforeSendBreaker, { state: changed }).add();
    metrics.counter(catalogue.beforeSendCalls, { outcome: isFinding(answer) ? answer.failure : answer.action }).add();
  }
}
