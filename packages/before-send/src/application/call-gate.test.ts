import { asId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { describe, expect, it } from 'vitest';
import type { BeforeSendHook } from '../domain/before-send-hook.ts';
import type { Entry } from './before-send-ports.ts';
import { createCallGate } from './call-gate.ts';

const now = new Date('2026-01-01T00:00:00Z');
const hookOf = (account: string, changedAt = now): BeforeSendHook => ({
  accountId: asId(account),
  url: 'https://example.com/',
  timeoutMs: 1_000,
  onFailure: 'refuse',
  conversationTypes: ['group'],
  enabled: true,
  sealedSecret: 'sealed',
  previous: undefined,
  createdBy: undefined,
  createdAt: now,
  changedAt,
});
const timeout = { failure: 'timeout', status: undefined } as const;
const chance = () => 0;

function entered(entry: Entry | string): Entry {
  if (typeof entry === 'string') throw new Error(entry);
  return entry;
}

describe('the gate of calls', () => {
  it('lets one account have so many under way, and all of them so many', () => {
    const gate = createCallGate({ atOnce: 2, atOnceInAll: 3 });
    const [a, b] = [hookOf('a'), hookOf('b')];
    const first = entered(gate.enter(a, now));
    entered(gate.enter(a, now));
    expect(gate.enter(a, now)).toBe('busy');
    expect(gate.place(a.accountId)).toBeUndefined();
    entered(gate.enter(b, now));
    expect(gate.enter(b, now)).toBe('busy');
    first.leave(undefined, now, chance);
    const leave = gate.place(b.accountId);
    expect(gate.enter(a, now)).toBe('busy');
    leave?.();
    entered(gate.enter(a, now));
  });

  it('opens for one account alone, tells what it did, and takes no note of calls that say nothing', () => {
    const gate = createCallGate();
    const [a, b] = [hookOf('a'), hookOf('b')];
    gate.place(a.accountId)?.();
    const ends = Array.from({ length: 5 }, () => entered(gate.enter(a, now)).leave(timeout, now, chance));
    expect(ends).toEqual([undefined, undefined, undefined, undefined, 'opened']);
    expect(gate.enter(a, now)).toBe('circuit_open');
    expect(gate.health(a, now)).toEqual({
      state: 'open',
      failures: 5,
      retryAt: addSeconds(now, 5),
      lastFailure: { ...timeout, at: now },
      lastAnswerAt: undefined,
    });
    entered(gate.enter(b, now));
    const later = addSeconds(now, 5);
    const probe = entered(gate.enter(a, later));
    expect([probe.probes, gate.enter(a, later)]).toEqual([true, 'circuit_open']);
    expect(probe.leave(undefined, later, chance)).toBe('closed');
    expect(gate.health(a, later)).toMatchObject({ state: 'closed', failures: 0, retryAt: undefined, lastAnswerAt: later });
  });

  it('begins anew with another configuration, and what was under way says nothing of that', () => {
    const gate = createCallGate({ atOnce: 6, atOnceInAll: 6 });
    const late = entered(gate.enter(hookOf('a'), now));
    for (let at = 0; at < 5; at += 1) entered(gate.enter(hookOf('a'), now)).leave(timeout, now, chance);
    const changed = hookOf('a', addSeconds(now, 1));
    const others = Array.from({ length: 5 }, () => entered(gate.enter(changed, now)));
    expect(gate.enter(changed, now)).toBe('busy');
    late.leave(timeout, now, chance);
    expect(gate.health(changed, now)).toMatchObject({ state: 'closed', failures: 0, lastFailure: undefined });
    for (const each of others) each.leave(undefined, now, chance);
    entered(gate.enter(changed, now));
  });

  it('forgets accounts that it has not seen for long, but none with a call under way', () => {
    const gate = createCallGate({ atOnce: 1, atOnceInAll: 10 });
    const waiting = hookOf('waiting');
    entered(gate.enter(waiting, now));
    for (let at = 0; at < 20_000; at += 1) gate.place(asId(`account ${at}`))?.();
    expect(gate.enter(waiting, now)).toBe('busy');
  });
});
