import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EncodedImage } from '@coucou/application/ports/file-screen';
import { errors } from '@coucou/domain/kernel/errors';
import { refuse } from './bounds.ts';
import { type DecoderAnswer, type DecoderJob, OVER_MEMORY } from './decoder-job.ts';

const SCRIPT = fileURLToPath(new URL('./decoder.ts', import.meta.url));
/** A process that nobody needs ends after this. */
const IDLE_MS = 15_000;
/** Memory that one image leaves behind is given back by a new process. */
const RETIRE_BYTES = 160_000_000;
/** Signals of a decoder that met its own fault, by this image. */
const crashes: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

export type DecoderLimits = Readonly<{ deadlineMs: number; memoryBytes: number }>;

/** Decodes one image at a time, in a process that starts when it is needed and never outlives its limits. */
export type DecoderProcess = Readonly<{
  /**
   * Throws `ATTACHMENT_TYPE_REFUSED` for what is damaged, or needs more memory than an image of its size does; `TIMEOUT` at the
   * deadline, and `SERVICE_UNAVAILABLE` when the process was ended by something else.
   */
  decode(job: Omit<DecoderJob, 'memoryBytes'>): Promise<EncodedImage>;
  close(): void;
}>;

export function createDecoderProcess({ deadlineMs, memoryBytes }: DecoderLimits): DecoderProcess {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(idle);
    child?.kill('SIGKILL');
    child = undefined;
  };

  return {
    close: end,
    decode(job) {
      clearTimeout(idle);
      const running = (child ??= start());
      running.ref();
      running.channel?.ref();
      return new Promise((resolve, reject) => {
        let late = false;
        const deadline = setTimeout(() => {
          late = true;
          running.kill('SIGKILL');
        }, deadlineMs);
        const settle = (): void => {
          clearTimeout(deadline);
          running.removeAllListeners();
          running.on('error', () => {});
          running.unref();
          running.channel?.unref();
        };
        const fail = (error: Error): void => {
          settle();
          if (child === running) child = undefined;
          running.kill('SIGKILL');
          reject(error);
        };
        running.once('message', (message) => {
          settle();
          const answer = message as DecoderAnswer;
          if (answer.ok && answer.rss > RETIRE_BYTES) end();
          else if (child === running) idle = setTimeout(end, IDLE_MS).unref();
          if (!answer.ok) return reject(refuse(answer.reason, { type: `image/${job.format}` }));
          const { body, width, height, thumbnail } = answer;
          resolve({ body, width, height, thumbnail });
        });
        running.once('exit', (code, signal) => fail(late ? lateError(deadlineMs) : exitError(code, signal, job)));
        running.once('error', (error) => fail(errors.SERVICE_UNAVAILABLE({ what: 'images' }, { cause: error })));
        running.send({ ...job, memoryBytes } satisfies DecoderJob, (error) => {
          if (error !== null) fail(errors.SERVICE_UNAVAILABLE({ what: 'images' }, { cause: error }));
        });
      });
    },
  };
}

/** Its environment is empty: the server's holds secrets. */
const start = (): ChildProcess =>
  fork(SCRIPT, [], { execArgv: [], env: {}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });

const lateError = (deadlineMs: number) => errors.TIMEOUT({ what: 'images', seconds: deadlineMs / 1_000 });

function exitError(code: number | null, signal: string | null, { format }: Pick<DecoderJob, 'format'>) {
  const type = `image/${format}`;
  if (code === OVER_MEMORY) return refuse('memory', { type });
  if (signal !== null && crashes.has(signal)) return refuse('damaged', { type });
  return errors.SERVICE_UNAVAILABLE({ what: 'images' }, { cause: new Error(`the decoder ended by ${signal ?? `exit code ${code}`}`) });
}
