import { openHouse } from '../support.ts';
import { feedsSuite } from './feeds.suite.ts';

feedsSuite(openHouse);
