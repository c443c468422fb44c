import { receiptsSuite } from '../use-cases/messages/receipts.suite.ts';
import { openOnPostgres } from './open.ts';

receiptsSuite(openOnPostgres, 40);
