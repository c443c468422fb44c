import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { S3Options } from '@coucou/files/s3-store';
import S3rver from 's3rver';
import { privateDirectory } from '../support/machine.ts';

export type Bucket = Readonly<{ options: S3Options; close(): Promise<void> }>;

/**
 * A small S3-compatible server on files. It checks no signature of version 4, no policy of a form, and no expiry: what is stored and
 * listed is tested here, what is signed is tested apart (s3-signature.test.ts).
 */
export async function openBucket(): Promise<Bucket> {
  const directory = await privateDirectory('s3');
  const bucket = 'attachments';
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    directory,
    silent: true,
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port }: AddressInfo = await server.run();
  return {
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      bucket,
      region: 'us-east-1',
      accessKeyId: 'S3RVER',
      secretAccessKey: 'S3RVER',
      forcePathStyle: true,
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** By which a server or a command uses the bucket. */
export function bucketEnvironment({ options }: Bucket): Record<string, string> {
  const { endpoint = '', bucket, region, accessKeyId, secretAccessKey } = options;
  return {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_FORCE_PATH_STYLE: '1',
  };
}
