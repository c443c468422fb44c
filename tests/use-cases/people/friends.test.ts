import { openHouse } from '../support.ts';
import { friendsSuite } from './friends.suite.ts';

friendsSuite(openHouse);
