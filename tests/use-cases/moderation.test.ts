import { describe } from 'vitest';
import { moderationSuite } from './moderation.suite.ts';

describe('moderation on PGlite', () => moderationSuite(() => undefined));
