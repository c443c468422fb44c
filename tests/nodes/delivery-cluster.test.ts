import { describe } from 'vitest';
import { hasRedisServer, startRedisCluster } from '../support/redis-cluster.ts';
import { deliverySuite } from './delivery.suite.ts';

describe.skipIf(!hasRedisServer)('on a cluster', () => {
  deliverySuite('three masters of a Redis cluster', { startRedis: startRedisCluster });
});
