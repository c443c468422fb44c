import { describe } from 'vitest';
import { openHouse } from '../support.ts';
import { notificationsSuite } from './notifications.suite.ts';

describe('notifications', () => {
  notificationsSuite(openHouse);
});
