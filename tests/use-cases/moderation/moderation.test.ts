import { describe } from 'vitest';
import { openHouse } from '../support.ts';
import { moderationSuite } from './moderation.suite.ts';

describe('moderation', () => {
  moderationSuite(() => openHouse());
});
