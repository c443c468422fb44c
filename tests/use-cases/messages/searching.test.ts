import { describe } from 'vitest';
import { openHouse } from '../support.ts';
import { searchMessagesSuite } from './searching.suite.ts';

describe('search among messages', () => {
  searchMessagesSuite(() => openHouse());
});
