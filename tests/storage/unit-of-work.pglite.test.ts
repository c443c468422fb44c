import { describe } from 'vitest';
import { openPglite } from './engines.ts';
import { unitOfWorkSuite } from './unit-of-work.suite.ts';

describe('the unit of work on PGlite', () => {
  unitOfWorkSuite(openPglite);
});
