import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@coucou/observability/logger';
import { expect, it } from 'vitest';
import type { Container } from '../composition/container.ts';
import { callAdminSocket } from './admin-client.ts';
import { serveAdminSocket } from './admin-server.ts';

it('answers with what separates lines elsewhere', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'coucou-admin-'));
  const nobody = { resolve: () => ({ byClientKey: async () => undefined }) } as unknown as Container;
  const log = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Logger;
  const close = await serveAdminSocket(dataDir, nobody, log);
  try {
    const asked = callAdminSocket(dataDir, { command: 'import', args: ['file', '--account', 'two\u2028or\u2029three'] }, () => {});
    await expect(asked).rejects.toThrow('there is no account with the client key "two\u2028or\u2029three"');
  } finally {
    await close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
