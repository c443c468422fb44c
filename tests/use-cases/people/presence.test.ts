import { openHouse } from '../support.ts';
import { presenceSuite } from './presence.suite.ts';

presenceSuite(openHouse);
