import { describe, expect, it } from 'vitest';
import { Relations, relations, type Standing, surfaces } from './relations.ts';

const both = [false, true];

/** Every way in which two people can stand to each other. */
const standings: readonly Standing[] = both.flatMap((self) =>
  both.flatMap((blocks) =>
    both.flatMap((blockedBy) => both.flatMap((friends) => both.map((fellows) => ({ self, blocks, blockedBy, friends, fellows })))),
  ),
);
const others = standings.filter(({ self }) => !self);
/** The same two people, seen from the other. */
const turned = (standing: Standing): Standing => ({ ...standing, blocks: standing.blockedBy, blockedBy: standing.blocks });

describe('the table of who reaches whom', () => {
  it('is this', () => {
    expect(
      Object.fromEntries(surfaces.map((surface) => [surface, relations.filter((relation) => Relations.reaches(surface, relation))])),
    ).toEqual({
      directConversation: ['friend', 'fellow', 'stranger'],
      message: ['friend', 'fellow', 'stranger'],
      invite: ['friend', 'fellow', 'stranger'],
      addToGroup: ['friend', 'fellow', 'stranger'],
      friendRequest: ['fellow', 'stranger'],
      presence: ['self', 'friend', 'fellow'],
      typing: ['self', 'friend', 'fellow'],
      receipts: ['self', 'friend', 'fellow'],
      search: ['self', 'friend', 'fellow', 'stranger'],
      messageSearch: ['self', 'friend', 'fellow', 'stranger'],
      mention: ['self', 'friend', 'fellow'],
      notification: ['friend', 'fellow', 'stranger'],
      profile: ['self', 'friend', 'fellow', 'stranger', 'blocks'],
      profileUpdate: ['self', 'friend', 'fellow'],
    });
  });

  it.each(surfaces)('lets nobody reach who blocked them: %s', (surface) => {
    for (const standing of others.filter(({ blockedBy }) => blockedBy)) expect(Relations.allows(surface, standing)).toBe(false);
  });

  it.each(surfaces.filter((surface) => surface !== 'profile'))('is the same from both sides: %s', (surface) => {
    for (const standing of standings) expect(Relations.allows(surface, standing)).toBe(Relations.allows(surface, turned(standing)));
  });

  it.each(surfaces)('allows nothing more across a block than without it: %s', (surface) => {
    const without = (standing: Standing): Standing => ({ ...standing, blocks: false, blockedBy: false });
    const opened = standings.filter((standing) => Relations.allows(surface, standing) && !Relations.allows(surface, without(standing)));
    // Nobody asks a friend to become one.
    expect(opened.filter((standing) => Relations.relationOf(without(standing)) !== 'friend')).toEqual([]);
  });

  it('knows one relation for every standing, and every relation from some standing', () => {
    expect(new Set(standings.map(Relations.relationOf))).toEqual(new Set(relations));
  });

  it('refuses as if the person did not exist', () => {
    expect(() => Relations.requireAllowed('search', { ...Relations.strangers, blockedBy: true })).toThrow('There is no such user.');
    expect(() => Relations.requireAllowed('search', Relations.strangers)).not.toThrow();
  });
});
