import { describe } from 'vitest';
import { openPglite } from './engines.ts';
import { messageLogSuite } from './message-log.suite.ts';

describe('the log of messages on PGlite', () => {
  messageLogSuite(openPglite);
});
