import { describe, expect, it } from 'vitest';
import { endsOf, type Heard, judge, STREAMS, type Trial } from './trials/judge.ts';

/** The judge of trials is judged: what is planted is found, and where nothing is wrong nothing is. */

const ENDED = 10_000;
const BOUND = 1_000;
const before: readonly Heard[] = STREAMS.map((name) => ({ name, at: ENDED - 50, version: name === 'message:new' ? 7 : undefined }));
const socket = (name: string, ...more: readonly Heard[]) => ({
  name,
  heard: [...before, ...more],
  closedAt: undefined as number | undefined,
});

const removal: Trial = {
  kind: 'removal',
  endedAt: ENDED,
  version: 8,
  sockets: [
    // Older than the removal, however late it arrives, and the farewell.
    socket('here', { name: 'message:new', at: ENDED + 3_000, version: 8 }, { name: 'conversation:removed', at: ENDED + 2_000, version: 8 }),
    socket('there', { name: 'typing', at: ENDED + 999, version: undefined }, { name: 'heads', at: ENDED + 1_500, version: 7 }),
  ],
  granted: [],
  shown: [ENDED - 10, ENDED + 900],
};
const revocation: Trial = {
  kind: 'revocation',
  endedAt: ENDED,
  version: undefined,
  sockets: ['here', 'there'].map((name) => ({
    ...socket(name, { name: 'message:new', at: ENDED + 900, version: undefined }),
    closedAt: ENDED + 950,
  })),
  granted: [ENDED + 100],
  shown: [],
};

const hearing = (trial: Trial, event: Heard): Trial => ({
  ...trial,
  sockets: trial.sockets.map((each, at) => (at === 1 ? { ...each, heard: [...each.heard, event] } : each)),
});

describe('trials of rights that end', () => {
  it.each([removal, revocation])('are clean where everything ends in time: $kind', (trial) => {
    expect(judge(trial, BOUND)).toEqual([]);
  });

  it.each<[string, Trial, RegExp]>([
    ['a message above the removal, at once', hearing(removal, { name: 'message:new', at: ENDED, version: 9 }), /message:new of version 9/],
    ['a head above the removal', hearing(removal, { name: 'heads', at: ENDED + 1, version: 12 }), /heads of version 12/],
    [
      'an event above the removal that arrived before its answer',
      hearing(removal, { name: 'member:left', at: ENDED - 1, version: 9 }),
      /member:left of version 9/,
    ],
    ['typing too late', hearing(removal, { name: 'typing', at: ENDED + 1_001, version: undefined }), /typing 1001 ms after/],
    ['a receipt too late', hearing(removal, { name: 'receipt:updated', at: ENDED + 1_200, version: undefined }), /receipt:updated 1200 ms/],
    [
      'presence too late',
      hearing(removal, { name: 'presence:changed', at: ENDED + 4_000, version: undefined }),
      /presence:changed 4000 ms/,
    ],
    ['a send of whom is removed', { ...removal, granted: [ENDED] }, /a call was granted 0 ms/],
    ['typing of whom is removed', { ...removal, shown: [ENDED + 1_100] }, /others were told that they type 1100 ms/],
    ['a removal without a version', { ...removal, version: undefined }, /nobody was told the version/],
    ['a message after the revocation', hearing(revocation, { name: 'message:new', at: ENDED + 1_500, version: 9 }), /message:new 1500 ms/],
    ['a call after the revocation', { ...revocation, granted: [ENDED + 1_001] }, /a call was granted 1001 ms/],
    [
      'a socket that stays open',
      { ...revocation, sockets: revocation.sockets.map((each) => ({ ...each, closedAt: undefined })) },
      /not closed/,
    ],
    ...STREAMS.map((stream): [string, Trial, RegExp] => [
      `nothing to end of ${stream}`,
      { ...removal, sockets: [{ name: 'deaf', closedAt: undefined, heard: before.filter(({ name }) => name !== stream) }] },
      new RegExp(`^deaf never heard ${stream}$`),
    ]),
  ])('are not: %s', (_, trial, expected) => {
    const findings = judge(trial, BOUND);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter((finding) => !expected.test(finding))).toEqual([]);
  });

  it('say how long after the answer each of it ended', () => {
    expect(endsOf(removal)).toMatchObject({ typing: 999, 'message:new': 3_000, 'presence:changed': 0, 'typing shown': 900 });
    expect(endsOf(revocation)).toMatchObject({ 'message:new': 900, 'calls granted': 100, 'socket closed': 950 });
  });
});
