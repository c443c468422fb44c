import type { Call } from '@coucou/application/kernel/call';
import type { Answer } from '@coucou/application/kernel/module';
import type { Operation } from '@coucou/contracts/kernel/operation';

/** An operation whose use-case has its ports: ready to be called by any transport. */
export type ReadyOperation = Readonly<{ operation: Operation; run: (input: unknown, call: Call) => Promise<Answer> }>;

/** One dependency's state for `/health/ready`. Degraded: the server works, with less. */
export type HealthCheck = Readonly<{
  name: string;
  check: () => Promise<Readonly<{ status: 'up' | 'degraded' | 'down'; detail?: string }>>;
}>;
