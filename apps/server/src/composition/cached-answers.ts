import { cachedAnswerPorts, createCachedAnswers } from '@coucou/application/kernel/cached-answers';
import type { AnswerCached } from '@coucou/application/kernel/execute';
import type { AnswerCache } from '@coucou/application/ports/answer-cache';
import type { Storage } from '@coucou/postgres/storage';
import { createAnswerCache } from '@coucou/runtime/answer-cache';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import type { Container } from './container.ts';

/** Answers in the memory of this node, and those that all nodes share; undefined where none are to be cached. */
export function cachedAnswers(
  { answerCacheBytes: mostBytes }: Pick<Config, 'answerCacheBytes'>,
  container: Container,
  { epoch }: Pick<Storage, 'epoch'>,
  shared: AnswerCache | undefined,
): AnswerCached | undefined {
  if (mostBytes === 0) return undefined;
  const ports = container.portsOf(cachedAnswerPorts);
  const own = createAnswerCache({ mostBytes, metrics: ports.metrics });
  return createCachedAnswers({ ...ports, caches: shared === undefined ? [own] : [own, shared], edition: `${version} ${epoch}` });
}
