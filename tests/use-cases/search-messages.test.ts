import { describe } from 'vitest';
import { searchMessagesSuite } from './search-messages.suite.ts';

describe('search among messages on PGlite', () => searchMessagesSuite(() => undefined));
