import type { CallLimits } from '@coucou/application/kernel/call-limits';
import { cachedAnswerPorts, createCachedAnswers } from '@coucou/application/kernel/cached-answers';
import { type AnswerCached, createExecute, type Execute } from '@coucou/application/kernel/execute';
import { createKeyed, keyedPorts } from '@coucou/application/kernel/keyed';
import type { Tracer } from '@coucou/application/ports/tracer';
import { tracedExecute } from '@coucou/application/tracing/traced-work';
import type { AnswerCache } from '@coucou/application/ports/answer-cache';
import { createRoleOf, rolePorts } from '@coucou/application/users/role-of';
import type { Storage } from '@coucou/postgres/storage';
import { createAnswerCache } from '@coucou/runtime/answer-cache';
import { createCursors } from '@coucou/security/cursors';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import type { Container } from './container.ts';
import { executeInTurn } from './in-turn.ts';

export type ExecutionOptions = Pick<Config, 'answerCacheBytes' | 'mode'> &
  Readonly<{
    container: Container;
    storage: Storage;
    /** The server's secret, the same on all nodes. */
    secret: string;
    tracer: Tracer;
    limits: CallLimits['ofOperations'];
    /** Answers that all nodes share; absent where there is one. */
    sharedAnswers: AnswerCache | undefined;
  }>;

/** The chain around every operation, on every transport. */
export function createExecution(options: ExecutionOptions): Execute {
  const { mode, container, storage, secret, limits } = options;
  const cached = cachedAnswers(options);
  const execute = createExecute({
    validateOutput: mode !== 'production',
    cursors: createCursors(secret),
    roleOf: createRoleOf(container.portsOf(rolePorts)),
    limits,
    keyed: createKeyed(container.portsOf(keyedPorts)),
    ...(cached && { cached }),
  });
  return tracedExecute(executeInTurn(execute, storage), options.tracer);
}

/** Answers in the memory of this node, and those that all nodes share; undefined where none are to be cached. */
function cachedAnswers({ answerCacheBytes: mostBytes, container, storage, sharedAnswers }: ExecutionOptions): AnswerCached | undefined {
  if (mostBytes === 0) return undefined;
  const ports = container.portsOf(cachedAnswerPorts);
  const own = createAnswerCache({ mostBytes, metrics: ports.metrics });
  const caches = sharedAnswers === undefined ? [own] : [own, sharedAnswers];
  return createCachedAnswers({ ...ports, caches, edition: `${version} ${storage.epoch}` });
}
