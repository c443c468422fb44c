import type { RunningNode } from '@coucou/postgres/schema/needs';
import { describe, expect, it } from 'vitest';
import { judgeUpgrade, type UpgradeFound } from './judge.ts';

const node = (name: string, version?: string): RunningNode => ({ node: name, version, seenSecondsAgo: 1 });
const judge = (found: Partial<UpgradeFound>) => judgeUpgrade({ version: '0.3.0', pending: [], needs: {}, ahead: [], nodes: [], ...found });
const older = [node('a', '0.2.0'), node('b', '0.2.0')];

describe('servers may be replaced in turn', () => {
  it('where what is pending only adds', () => {
    expect(judge({ pending: ['coucou/0060-adds'], nodes: older })).toEqual({
      mayRoll: true,
      reasons: [],
      steps: ['pnpm cli migrate (1 change)', expect.stringMatching(/^replace the servers one after the other: SIGTERM/)],
    });
  });

  it('where what is taken away is used by none of them', () => {
    const pending = ['coucou/0060-drops', 'coucou/0061-adds'];
    expect(judge({ pending, needs: { 'coucou/0060-drops': '0.2.0' }, nodes: older })).toMatchObject({
      mayRoll: true,
      steps: ['pnpm cli migrate (2 changes)', expect.stringContaining('replace')],
    });
  });

  it('where nothing is pending, and some of them are of an older version', () => {
    const { mayRoll, steps } = judge({ nodes: [node('a', '0.2.0'), node('b', '0.3.0')] });
    expect([mayRoll, steps]).toEqual([true, [expect.stringContaining('replace')]]);
  });

  it('back to an older version, which migrates nothing', () => {
    const { mayRoll, steps } = judge({ version: '0.1.0', ahead: ['coucou/0060-adds'], nodes: older });
    expect([mayRoll, steps]).toEqual([true, [expect.stringContaining('of a newer version')]]);
  });
});

it('nothing is to do where all is of this version', () => {
  expect(judge({ nodes: [node('a', '0.3.0')] })).toEqual({ mayRoll: true, reasons: [], steps: [] });
});

it('where none runs, all of it may be applied, even what text is compared by', () => {
  const needs = { 'coucou/0060-drops': '0.3.0', 'coucou/folding': '0.3.0' };
  expect(judge({ pending: Object.keys(needs), needs })).toEqual({
    mayRoll: true,
    reasons: [],
    steps: ['pnpm cli migrate (2 changes)', 'start the servers'],
  });
});

describe('servers have to be stopped', () => {
  it('where something is taken away that one of them uses', () => {
    const found = {
      pending: ['coucou/0060-drops'],
      needs: { 'coucou/0060-drops': '0.2.0' },
      nodes: [node('a', '0.2.0'), node('b', '0.1.9')],
    };
    expect(judge(found)).toEqual({
      mayRoll: false,
      reasons: [
        {
          found: 'coucou/0060-drops takes away what versions before 0.2.0 use: b (0.1.9, seen 1 s ago)',
          fix: 'upgrade these servers to 0.2.0 first, or stop them before the migration',
        },
      ],
      steps: ['stop a (0.2.0, seen 1 s ago), b (0.1.9, seen 1 s ago)', 'pnpm cli migrate (1 change)', 'start the servers with 0.3.0'],
    });
  });

  it('where one of them says nothing of its version', () => {
    const found = { pending: ['coucou/0060-drops'], needs: { 'coucou/0060-drops': '0.2.0' }, nodes: [node('a')] };
    expect(judge(found)).toMatchObject({
      mayRoll: false,
      reasons: [{ found: expect.stringContaining('a (of a version that does not record it') }],
    });
  });

  it('where text is folded in another way', () => {
    const { mayRoll, reasons } = judge({ pending: ['coucou/folding'], needs: { 'coucou/folding': '0.3.0' }, nodes: older });
    expect(mayRoll).toBe(false);
    expect(reasons).toEqual([
      { found: expect.stringContaining('compares text in another way'), fix: 'stop these servers before the migration' },
    ]);
  });
});
