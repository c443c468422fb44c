import { AttachmentSettings } from '@coucou/application/attachments/attachment-settings';
import { receiveUpload } from '@coucou/application/attachments/receive-upload';
import { uploadAttachment } from '@coucou/application/attachments/upload-attachment';
import type { Deps, Ports } from '@coucou/application/kernel/token';
import { FileStore } from '@coucou/application/ports/file-store';
import type { FileDoor } from '@coucou/http/files';
import { presentAttachment } from '@coucou/features/attachments/presenters';
import type { Container } from './container.ts';

/** The use-cases that take a stream, with their ports: HTTP alone carries them. */
export function createFileDoor(container: Container): FileDoor {
  const portsOf = <D extends Deps>(deps: D) =>
    Object.fromEntries(Object.entries(deps).map(([name, token]) => [name, container.resolve(token)])) as Ports<D>;
  const uploadPorts = portsOf(uploadAttachment.deps);
  const receivePorts = portsOf(receiveUpload.deps);
  return {
    store: container.resolve(FileStore),
    maxBytes: container.resolve(AttachmentSettings).maxBytes,
    upload: async (input, call) => presentAttachment(await uploadAttachment.run(uploadPorts, input, call)),
    receive: (input, call) => receiveUpload.run(receivePorts, input, call),
  };
}
