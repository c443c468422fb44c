import { openHouse } from '../support.ts';
import { receiptsSuite } from './receipts.suite.ts';

receiptsSuite(() => openHouse(), 10);
