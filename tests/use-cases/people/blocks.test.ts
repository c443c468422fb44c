import { openHouse } from '../support.ts';
import { blocksSuite } from './blocks.suite.ts';

blocksSuite(openHouse);
