import { join } from 'node:path';
import { AttachmentSettings } from '@coucou/application/attachments/attachment-settings';
import { Archives } from '@coucou/application/ports/archives';
import { Clock } from '@coucou/application/ports/clock';
import { FileScreen } from '@coucou/application/ports/file-screen';
import { FileUrls } from '@coucou/application/ports/file-urls';
import { FileStore } from '@coucou/application/ports/file-store';
import { RunningUploads } from '@coucou/application/ports/running-uploads';
import { UploadGrants, UploadTargets } from '@coucou/application/ports/upload-targets';
import { createArchives } from '@coucou/files/archives';
import { createDiskStore } from '@coucou/files/disk-store';
import { createFileUrls } from '@coucou/files/file-urls';
import { createRunningUploads } from '@coucou/files/running-uploads';
import { createS3Store } from '@coucou/files/s3-store';
import { createFileScreen } from '@coucou/files/screen';
import { createUploadGrants } from '@coucou/files/upload-grants';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';

/** What serves the ports of attachments. */
export type Files = Readonly<{
  provide: (container: Container) => void;
  health: readonly HealthCheck[];
  /** Answers who waits for an image to be decoded, within this time. */
  drain: (patienceMs: number) => Promise<void>;
  close: () => Promise<void>;
}>;

export type FilesOptions = Pick<Config, 'dataDir' | 'publicUrl' | 'attachments' | 's3'> & Readonly<{ secret: string }>;

/** A bucket when one is configured, else the data directory. */
export function openStore({ dataDir, s3 }: Pick<Config, 'dataDir' | 's3'>) {
  const bucket = s3 && createS3Store(s3);
  return { bucket, store: bucket ?? createDiskStore(join(dataDir, 'uploads')) };
}

/** Lazy: an unavailable store fails on first use, and in `/health/ready`. */
export function openFiles({ dataDir, publicUrl, attachments, s3, secret }: FilesOptions): Files {
  const grants = createUploadGrants({ secret, publicUrl });
  const { bucket, store } = openStore({ dataDir, s3 });
  const screen = createFileScreen();
  return {
    provide(container) {
      container.provide(AttachmentSettings, () => attachments);
      container.provide(FileStore, () => store);
      container.provide(Archives, createArchives);
      container.provide(FileScreen, () => screen);
      container.provide(RunningUploads, createRunningUploads);
      container.provide(UploadTargets, () => bucket ?? grants);
      container.provide(UploadGrants, () => grants);
      container.provide(FileUrls, (resolve) => createFileUrls({ secret, publicUrl, clock: resolve(Clock) }));
    },
    // Only a bucket can fail alone: the server then still works, without files.
    health: bucket === undefined ? [] : [{ name: 'files', check: () => bucketHealth(bucket) }],
    drain: (patienceMs) => screen.close(patienceMs),
    close: async () => {
      await screen.close(0);
      bucket?.close();
    },
  };
}

async function bucketHealth(bucket: Readonly<{ check(): Promise<void> }>): ReturnType<HealthCheck['check']> {
  try {
    await bucket.check();
    return { status: 'up' };
  } catch {
    return { status: 'degraded', detail: 'the bucket does not answer' };
  }
}
