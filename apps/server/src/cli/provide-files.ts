import { AttachmentSettings } from '@coucou/application/attachments/attachment-settings';
import { Archives } from '@coucou/application/ports/archives';
import { FileScreen } from '@coucou/application/ports/file-screen';
import { FileStore } from '@coucou/application/ports/file-store';
import { RunningUploads } from '@coucou/application/ports/running-uploads';
import { createArchives } from '@coucou/files/archives';
import { createRunningUploads } from '@coucou/files/running-uploads';
import { createFileScreen } from '@coucou/files/screen';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';
import { openStore } from '../start/files.ts';

/** The store of files, for commands that work beside a server; answers what closes it. */
export async function provideFiles(container: Container, config: Config): Promise<() => Promise<void>> {
  const { store, bucket } = openStore(config);
  const screen = createFileScreen();
  container.provide(AttachmentSettings, () => config.attachments);
  container.provide(FileScreen, () => screen);
  container.provide(FileStore, () => store);
  container.provide(Archives, createArchives);
  container.provide(RunningUploads, createRunningUploads);
  return async () => {
    await screen.close(0);
    bucket?.close();
  };
}
