import { openHouse } from '../support.ts';
import { sendingSuite } from './sending.suite.ts';

sendingSuite(openHouse);
