import { AttachmentSettings } from '@coucou/application/attachments/attachment-settings';
import { receiveUpload } from '@coucou/application/attachments/receive-upload';
import { uploadAttachment } from '@coucou/application/attachments/upload-attachment';
import { FileUrls } from '@coucou/application/ports/file-urls';
import { FileStore } from '@coucou/application/ports/file-store';
import { SessionChecks } from '@coucou/application/ports/session-checks';
import { signedAttachment } from '@coucou/features/attachments/presenters';
import type { FileDoor } from '@coucou/http/files';
import type { Storage } from '@coucou/postgres/storage';
import type { Container } from './container.ts';
import { callerOf } from './in-turn.ts';

/** The use-cases that take a stream, with their ports: HTTP alone carries them. */
export function createFileDoor(container: Container, { onBehalfOf }: Pick<Storage, 'onBehalfOf'>): FileDoor {
  const uploadPorts = container.portsOf(uploadAttachment.deps);
  const receivePorts = container.portsOf(receiveUpload.deps);
  const urls = container.resolve(FileUrls);
  const checks = container.resolve(SessionChecks);
  return {
    urls: {
      verify(signed) {
        const grant = urls.verify(signed);
        if (grant !== undefined) checks.check(grant);
        return grant;
      },
    },
    store: container.resolve(FileStore),
    maxBytes: container.resolve(AttachmentSettings).maxBytes,
    upload: (input, call) =>
      onBehalfOf(callerOf(call), async () => signedAttachment(urls.signerFor(call))(await uploadAttachment.run(uploadPorts, input, call))),
    receive: (input, call) => onBehalfOf(callerOf(call), () => receiveUpload.run(receivePorts, input, call)),
  };
}
