import { blocksSuite } from '../use-cases/people/blocks.suite.ts';
import { feedsSuite } from '../use-cases/people/feeds.suite.ts';
import { friendsSuite } from '../use-cases/people/friends.suite.ts';
import { presenceSuite } from '../use-cases/people/presence.suite.ts';
import { profilesSuite } from '../use-cases/people/profiles.suite.ts';
import { describe } from 'vitest';
import { openOnPostgres } from './open.ts';

describe('friends', () => {
  friendsSuite(openOnPostgres);
});
describe('blocks', () => {
  blocksSuite(openOnPostgres);
});
describe('profiles', () => {
  profilesSuite(openOnPostgres);
});
describe('presence', () => {
  presenceSuite(openOnPostgres);
});
describe('feeds', () => {
  feedsSuite(openOnPostgres);
});
