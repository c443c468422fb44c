import { setTimeout as sleep } from 'node:timers/promises';
import { type Action, actionAt, type Mix } from './mix.ts';
import { connectMember, HandshakeRefused, type Member } from './member.ts';
import type { StepCounts } from './step.ts';

/** The people of one group, by their access tokens. */
export type Group = Readonly<{ conversationId: string; tokens: readonly string[] }>;
export type Pace = Readonly<{ rate: number; seconds: number; mix: Mix }>;

const TICK_MS = 2;
const DRAIN_MS = 10_000;
const BETWEEN_CONNECTS_MS = 10;
const MOST_HANDSHAKES = 60;
const TEXT = 'This is a message of about one hundred bytes, which is what people write to one another.';
const DUE = /"content":"load (\w+) ([\d.]+) /;

type Asked = Readonly<{ due: number; action: Action; group: number }>;
type Seat = Readonly<{ group: number; member: Member; seen: { seq: number } }>;

/** Those of all groups, connected: each acts in its own group, and receives what is sent there. */
export async function openGroupLoad(url: string, groups: readonly Group[], run: string) {
  const seats: Seat[] = [];
  const asked = new Map<number, Asked>();
  let nextId = 0;
  let counts = newCounts();

  const fail = (code: string, times = 1): void => void (counts.errors[code] = (counts.errors[code] ?? 0) + times);

  function answered(id: number, code: string | undefined): void {
    const call = asked.get(id);
    if (call === undefined) return;
    asked.delete(id);
    if (code !== undefined) return fail(code);
    counts.answers.push(performance.now() - call.due);
    // The sender receives it as well.
    if (call.action === 'send') counts.expected += groups[call.group]?.tokens.length ?? 0;
  }

  function event(frame: string, seen: { seq: number }): void {
    if (!frame.startsWith('["message:new"')) return;
    const [, of, due] = DUE.exec(frame) ?? [];
    const [, seq] = /"seq":(\d+)/.exec(frame) ?? [];
    if (seq !== undefined) seen.seq = Math.max(seen.seq, Number(seq));
    if (of === run) counts.deliveries.push(performance.now() - Number(due));
  }

  async function connect(group: number, token: string): Promise<void> {
    const seen = { seq: 0 };
    for (let handshake = 1; ; handshake += 1) {
      try {
        const member = await connectMember(url, token, { answered, event: (frame) => event(frame, seen), closed: () => fail('CLOSED') });
        seats.push({ group, member, seen });
        return;
      } catch (error) {
        if (!(error instanceof HandshakeRefused) || handshake === MOST_HANDSHAKES) throw error;
        await sleep(error.retryAfterMs);
      }
    }
  }

  function act(due: number, mix: Mix): void {
    const seat = seats[Math.floor(Math.random() * seats.length)];
    const conversationId = groups[seat?.group ?? -1]?.conversationId;
    if (seat === undefined || conversationId === undefined) return;
    const action = actionAt(mix, Math.random());
    const id = nextId++;
    asked.set(id, { due, action, group: seat.group });
    counts.asked += 1;
    const { call } = seat.member;
    if (action === 'send')
      call('message:send', { conversationId, clientMessageId: crypto.randomUUID(), content: `load ${run} ${due.toFixed(3)} ${TEXT}` }, id);
    else if (action === 'read') call('message:ack', { items: [{ conversationId, readSeq: Math.max(1, seat.seen.seq) }] }, id);
    else if (action === 'typing') call('typing', { conversationId, isTyping: true }, id);
    else call('messages.list', { conversationId, limit: 50 }, id);
  }

  async function drained(): Promise<void> {
    const until = performance.now() + DRAIN_MS;
    while ((asked.size > 0 || counts.deliveries.length < counts.expected) && performance.now() < until) await sleep(TICK_MS);
  }

  for (const [group, { tokens }] of groups.entries())
    for (const token of tokens) {
      await connect(group, token);
      await sleep(BETWEEN_CONNECTS_MS);
    }

  return {
    /** Acts at the rate, come what may: latency counts from when an action was due, so that a server that stalls is not asked less. */
    async step({ rate, seconds, mix }: Pace): Promise<StepCounts> {
      counts = newCounts();
      const cpuBefore = process.cpuUsage();
      const startedAt = performance.now();
      for (let done = 0; done < rate * seconds; ) {
        const due = Math.min(rate * seconds, ((performance.now() - startedAt) * rate) / 1_000);
        for (; done < due; done += 1) act(startedAt + (done * 1_000) / rate, mix);
        await sleep(TICK_MS);
      }
      const { user, system } = process.cpuUsage(cpuBefore);
      const busy = (user + system) / 1_000 / (performance.now() - startedAt);
      await drained();
      if (asked.size > 0) fail('UNANSWERED', asked.size);
      asked.clear();
      const { asked: all, errors, answers, deliveries, expected } = counts;
      return {
        asked: all,
        errors,
        answers: Float64Array.from(answers),
        deliveries: Float64Array.from(deliveries),
        missing: Math.max(0, expected - deliveries.length),
        surplus: Math.max(0, deliveries.length - expected),
        busy,
      };
    },
    leave() {
      for (const { member } of seats) member.leave();
    },
  };
}

export type GroupLoad = Awaited<ReturnType<typeof openGroupLoad>>;

const newCounts = () => ({
  asked: 0,
  expected: 0,
  errors: {} as Record<string, number>,
  answers: [] as number[],
  deliveries: [] as number[],
});
