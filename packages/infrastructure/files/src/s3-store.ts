import { Readable } from 'node:stream';
import { DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import type { Bytes, FileStore } from '@coucou/application/ports/file-store';
import type { UploadTargets } from '@coucou/application/ports/upload-targets';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { bounded } from './bounded.ts';
import { isFileKey, newFileKey, requireFileKey } from './keys.ts';

export type S3Options = Readonly<{
  /** Absent: AWS itself. */
  endpoint: string | undefined;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  forcePathStyle: boolean;
}>;

type ServiceError = Readonly<{ name?: string; $metadata?: Readonly<{ httpStatusCode?: number }> }>;
const isAbsent = (error: unknown): boolean =>
  (error as ServiceError).$metadata?.httpStatusCode === 404 || (error as ServiceError).name === 'NoSuchKey';

/** The store keeps many objects; deleting takes them in groups of this size. */
const DELETE_AT_ONCE = 1_000;

/** Objects of one bucket, under their keys; and presigned forms, by which clients send files there themselves. */
export function createS3Store(options: S3Options): FileStore & UploadTargets & Readonly<{ check(): Promise<void>; close(): void }> {
  const { bucket: Bucket } = options;
  const client = new S3Client({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    region: options.region,
    credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
    forcePathStyle: options.forcePathStyle,
    // The checksums that newer versions add by themselves are unknown to many compatible stores.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
  });

  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ChatError) throw error;
      throw errors.SERVICE_UNAVAILABLE({ what: 'files' }, { cause: error });
    }
  };
  const unlessAbsent = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    asked(async () => {
      try {
        return await work();
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });

  return {
    newKey: newFileKey,

    async put(key, body, { maxBytes }) {
      const Key = requireFileKey(key);
      const counted = bounded(body, maxBytes);
      let failed: { error: unknown } | undefined;
      // Distinguishes errors of the body from errors of the store.
      const guarded = (async function* (): Bytes {
        try {
          yield* counted;
        } catch (error) {
          failed = { error };
          throw error;
        }
      })();
      // Small bodies are one request, larger ones a multipart upload of 5 MiB parts, which is atomic: parts of a failed one are dropped.
      const upload = new Upload({
        client,
        params: { Bucket, Key, Body: Readable.from(guarded, { objectMode: false }), ContentType: 'application/octet-stream' },
        queueSize: 1,
        leavePartsOnError: false,
      });
      try {
        await upload.done();
      } catch (error) {
        if (failed !== undefined) throw failed.error;
        throw error instanceof ChatError ? error : errors.SERVICE_UNAVAILABLE({ what: 'files' }, { cause: error });
      }
      return counted.size();
    },

    async get(key, range) {
      const Key = requireFileKey(key);
      const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
      const answer = await unlessAbsent(() => client.send(new GetObjectCommand({ Bucket, Key, ...Range })));
      return answer?.Body as Readable | undefined;
    },

    async head(key) {
      const Key = requireFileKey(key);
      const found = await unlessAbsent(() => client.send(new HeadObjectCommand({ Bucket, Key })));
      return found && { key, size: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
    },

    async delete(keys) {
      for (let from = 0; from < keys.length; from += DELETE_AT_ONCE) {
        const Objects = keys.slice(from, from + DELETE_AT_ONCE).map((key) => ({ Key: requireFileKey(key) }));
        const answer = await asked(() => client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } })));
        if ((answer.Errors ?? []).length > 0) throw errors.SERVICE_UNAVAILABLE({ what: 'files' });
      }
    },

    async *list() {
      let ContinuationToken: string | undefined;
      do {
        const from = ContinuationToken === undefined ? {} : { ContinuationToken };
        const page = await asked(() => client.send(new ListObjectsV2Command({ Bucket, ...from })));
        // Ignores foreign objects in this bucket.
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key !== undefined && isFileKey(Key)) yield { key: Key, size: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
        ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (ContinuationToken !== undefined);
    },

    /** A presigned form (POST policy): it accepts only this key, with exactly this size, until it expires. */
    async issue({ key, maxBytes, expiresAt }) {
      const { url, fields } = await asked(() =>
        createPresignedPost(client, {
          Bucket,
          Key: requireFileKey(key),
          Conditions: [['content-length-range', maxBytes, maxBytes]],
          Expires: Math.max(1, Math.floor((expiresAt.getTime() - Date.now()) / 1000)),
        }),
      );
      return { url, fields, expiresAt };
    },

    async check() {
      await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
    },
    close: () => client.destroy(),
  };
}
