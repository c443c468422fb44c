import { describe } from 'vitest';
import { searchMessagesSuite } from '../use-cases/messages/searching.suite.ts';
import { moderationSuite } from '../use-cases/moderation/moderation.suite.ts';
import { notificationsSuite } from '../use-cases/notifications/notifications.suite.ts';
import { openOnPostgres } from './open.ts';

describe('search among messages', () => {
  searchMessagesSuite(openOnPostgres);
});
describe('moderation', () => {
  moderationSuite(openOnPostgres);
});
describe('notifications', () => {
  notificationsSuite(openOnPostgres);
});
