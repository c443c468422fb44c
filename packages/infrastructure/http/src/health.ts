import type { FastifyBaseLogger } from 'fastify';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { HealthCheck } from '@coucou/application/ports/health';

type Finding = Awaited<ReturnType<HealthCheck['check']>>;
export type Readiness = Readonly<{ status: Finding['status']; checks: Readonly<Record<string, Finding>> }>;

/** Timeout of a check, in milliseconds. */
const PATIENCE_MS = 2_000;

const late = (): Finding => ({ status: 'down', detail: `no answer within ${PATIENCE_MS / 1000} s` });

async function run({ name, check }: HealthCheck, log: FastifyBaseLogger): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(late()), PATIENCE_MS);
  });
  try {
    return await Promise.race([check(), patience]);
  } catch (error) {
    // The endpoint is public, so details go to the log only.
    log.warn({ check: name, error: loggableError(error) }, 'a health check failed');
    return { status: 'down', detail: 'failed; see the log' };
  } finally {
    clearTimeout(timer);
  }
}

/** The overall status is that of the worst dependency. */
function worst(findings: readonly Finding[]): Finding['status'] {
  const found = new Set(findings.map(({ status }) => status));
  return found.has('down') ? 'down' : found.has('degraded') ? 'degraded' : 'up';
}

/** Runs all checks concurrently. Concurrent requests share one run. */
export function createReadiness(checks: readonly HealthCheck[], log: FastifyBaseLogger): () => Promise<Readiness> {
  let running: Promise<Readiness> | undefined;
  const look = async (): Promise<Readiness> => {
    const findings = await Promise.all(checks.map(async (check) => [check.name, await run(check, log)] as const));
    return { status: worst(findings.map(([, finding]) => finding)), checks: Object.fromEntries(findings) };
  };
  return () =>
    (running ??= look().finally(() => {
      running = undefined;
    }));
}
