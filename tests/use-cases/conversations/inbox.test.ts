import { openHouse } from '../support.ts';
import { inboxSuite } from './inbox.suite.ts';

inboxSuite(openHouse);
