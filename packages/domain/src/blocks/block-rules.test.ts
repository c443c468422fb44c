import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { type BlockDirection, BlockRules, blockRules, type BlocksBetween, type MutualSurface, type Surface } from './block-rules.ts';

const surfaces = Object.keys(blockRules) as Surface[];
const none: BlocksBetween = { blocks: false, blockedBy: false };
const only = (direction: BlockDirection): BlocksBetween => ({ ...none, [direction]: true });
const isMutual = (surface: Surface): surface is MutualSurface => blockRules[surface].blocks === blockRules[surface].blockedBy;

describe('what a block does', () => {
  it('is decided by direction where the directions differ', () => {
    // @ts-expect-error -- a surface that is not mutual takes both facts.
    expect(BlockRules.allowsMutually('profile', true)).toBe(BlockRules.allows('profile', { blocks: true, blockedBy: true }));
  });

  it.each(surfaces)('is nothing where there is none: %s', (surface) => {
    expect(BlockRules.allows(surface, none)).toBe(true);
  });

  it.each(surfaces)('is what the table says: %s', (surface) => {
    for (const direction of ['blocks', 'blockedBy'] as const)
      expect(BlockRules.allows(surface, only(direction))).toBe(blockRules[surface][direction] === 'allowed');
  });

  it.each(surfaces)('hides the blocker from the blocked user: %s', (surface) => {
    expect(BlockRules.allows(surface, only('blockedBy'))).toBe(false);
    expect(BlockRules.allows(surface, { blocks: true, blockedBy: true })).toBe(false);
  });

  it('shows the profile of the blocked user to the blocker, and nothing else', () => {
    expect(surfaces.filter((surface) => BlockRules.allows(surface, only('blocks')))).toEqual(['profile']);
  });

  it.each(surfaces.filter(isMutual))('is the same in both directions: %s', (surface) => {
    const [alice, bob] = [asId<'user'>('alice'), asId<'user'>('bob')];
    expect([true, false].map((blocked) => BlockRules.allowsMutually(surface, blocked))).toEqual([
      BlockRules.allows(surface, only('blocks')),
      BlockRules.allows(surface, none),
    ]);
    expect(BlockRules.hiddenFrom(surface, [alice, bob])).toEqual(BlockRules.allowsMutually(surface, true) ? [] : [alice, bob]);
  });
});
