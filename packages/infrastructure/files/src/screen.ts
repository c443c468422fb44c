import { setTimeout as pause } from 'node:timers/promises';
import { createFairQueue } from '@coucou/application/kernel/fair-queue';
import type { FileScreen } from '@coucou/application/ports/file-screen';
import { errors } from '@coucou/domain/kernel/errors';
import { patchesOf } from './clean/clean.ts';
import { patched } from './clean/source.ts';
import { HEAD_BYTES, identify } from './identify.ts';
import { createDecoderProcess, type DecoderLimits } from './image/decoder-process.ts';
import { survey, type SurveyedImage } from './image/survey.ts';

export type ScreenOptions = Readonly<{
  /** Images that may wait, of all people and of one. */
  mostWaiting?: number;
  mostOfOne?: number;
  /** Time for one image, and for one of the large ones. */
  deadlineMs?: number;
  heavyDeadlineMs?: number;
  /** Resident bytes of the process that decodes one image, and one of the large ones. */
  memoryBytes?: number;
  heavyMemoryBytes?: number;
}>;

export type StoppableScreen = FileScreen &
  Readonly<{
    /** Refuses new images, lets the ones that are being decoded go on for a while, and ends the rest with `SERVICE_UNAVAILABLE`. */
    close(patienceMs: number): Promise<void>;
  }>;

/**
 * Images are surveyed here, by their headers, and decoded in another process. There are two queues of one image each: large images,
 * which take long and much memory, never keep small ones waiting, nor are two of them decoded at once.
 */
export function createFileScreen({
  mostWaiting = 100,
  mostOfOne = 10,
  deadlineMs = 60_000,
  heavyDeadlineMs = 180_000,
  memoryBytes = 400_000_000,
  heavyMemoryBytes = 900_000_000,
}: ScreenOptions = {}): StoppableScreen {
  const place = (limits: DecoderLimits) => ({
    queue: createFairQueue({ concurrency: 1, mostWaiting, mostOfOne }),
    decoder: createDecoderProcess(limits),
  });
  const light = place({ deadlineMs, memoryBytes });
  const heavy = place({ deadlineMs: heavyDeadlineMs, memoryBytes: heavyMemoryBytes });
  const decode = ({ decoder }: typeof light, { essential: image, format, frames, width, height }: SurveyedImage) =>
    decoder.decode({ image, format, frames, pixels: width * height * frames });

  return {
    headBytes: HEAD_BYTES,
    identify,
    async clean(source, type) {
      const patches = await patchesOf({ ...source, read: async (start, end) => Buffer.from(await source.read(start, end)) }, type);
      return patches.length === 0 ? undefined : (bytes) => patched(bytes, patches);
    },
    async reencode(image, type, person) {
      const encoded = await light.queue.run(person, async () => {
        const found = survey(await image(), type);
        return found.heavy ? undefined : decode(light, found);
      });
      // It waits without its bytes, and is read again.
      return encoded ?? heavy.queue.run(person, async () => decode(heavy, survey(await image(), type)));
    },
    async close(patienceMs) {
      const stopping = () => errors.SERVICE_UNAVAILABLE({ reason: 'stopping' });
      for (const { queue } of [light, heavy]) queue.close(stopping);
      const idle = Promise.all([light.queue.idle(), heavy.queue.idle()]);
      await Promise.race([idle, pause(patienceMs, undefined, { ref: false })]);
      for (const { decoder } of [light, heavy]) decoder.close();
    },
  };
}
