import { openHouse } from '../support.ts';
import { reactingSuite } from './reacting.suite.ts';

reactingSuite(() => openHouse());
