import { deliverySuite } from './delivery.suite.ts';

deliverySuite('one Redis');
