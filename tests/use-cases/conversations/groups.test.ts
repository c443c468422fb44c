import { openHouse } from '../support.ts';
import { groupsSuite } from './groups.suite.ts';

groupsSuite(openHouse);
