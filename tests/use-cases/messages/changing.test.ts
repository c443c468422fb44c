import { openHouse } from '../support.ts';
import { changingSuite } from './changing.suite.ts';

changingSuite(() => openHouse());
