import { openHouse } from '../support.ts';
import { profilesSuite } from './profiles.suite.ts';

profilesSuite(openHouse);
