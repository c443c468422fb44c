import type { Scenario } from '../harness/run-scenario.ts';
import { clientScenarios } from './clients.ts';
import { membershipScenarios } from './membership.ts';
import { nodeScenarios } from './nodes.ts';
import { postgresScenarios } from './postgres.ts';
import { redisScenarios } from './redis.ts';

export const scenarios: readonly Scenario[] = [
  ...nodeScenarios,
  ...redisScenarios,
  ...postgresScenarios,
  ...membershipScenarios,
  ...clientScenarios,
];
