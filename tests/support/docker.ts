import type { StartedTestContainer } from 'testcontainers';
import { freePort } from './machine.ts';
import type { Instance } from './instance.ts';
import { withDeadline } from './until.ts';

/** The newest unless `POSTGRES_VERSION` says another; CI runs on all that are supported. */
const POSTGRES_IMAGE = `postgres:${process.env['POSTGRES_VERSION'] ?? '18'}-alpine`;
const REDIS_IMAGE = 'redis:8-alpine';

let answer: Promise<boolean> | undefined;

/** Whether a container engine answers, asked once, and never longer than two seconds: a socket may exist with nobody behind it. */
export function dockerAnswers(): Promise<boolean> {
  answer ??= withDeadline(
    import('testcontainers').then(({ getContainerRuntimeClient }) => getContainerRuntimeClient()),
    { timeoutMs: 2_000, what: 'a container engine' },
  ).then(
    () => true,
    () => false,
  );
  return answer;
}

export type ContainerInstance = Omit<Instance, 'version'>;

export async function postgresContainer(settings: Record<string, string>): Promise<ContainerInstance> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const host = await freePort();
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withExposedPorts({ container: 5432, host })
    .withCommand(['postgres', ...flags])
    .start();
  return instance(container, container.getConnectionUri());
}

export async function redisContainer(args: readonly string[]): Promise<ContainerInstance> {
  const { RedisContainer } = await import('@testcontainers/redis');
  const host = await freePort();
  const container = await new RedisContainer(REDIS_IMAGE)
    .withExposedPorts({ container: 6379, host })
    .withCommand(['redis-server', ...args])
    .start();
  return instance(container, container.getConnectionUrl());
}

/** The host's port is fixed beforehand, or the engine would give another one at a restart and the address would change. */
function instance(container: StartedTestContainer, url: string): ContainerInstance {
  const engine = async () => {
    const { getContainerRuntimeClient } = await import('testcontainers');
    const { container: containers } = await getContainerRuntimeClient();
    return containers.getById(container.getId());
  };
  return {
    url,
    source: 'testcontainers',
    async kill(signal = 'SIGKILL') {
      const handle = await engine();
      await handle.kill({ signal });
      if (signal === 'SIGKILL') await handle.wait();
    },
    async restart() {
      await container.restart({ timeout: 0 });
    },
    async stop() {
      await container.stop();
    },
  };
}
