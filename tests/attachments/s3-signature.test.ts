import { createHmac, randomUUID } from 'node:crypto';
import { createS3Store } from '@coucou/files/s3-store';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';

const options = {
  endpoint: 'https://s3.example.com',
  bucket: 'coucou',
  region: 'eu-west-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  forcePathStyle: true,
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The signature that a store computes over a policy (AWS Signature Version 4, "Authenticating Requests: Browser-Based Uploads Using POST"). */
const signatureOf = (policy: string, credential: string, secret: string): string => {
  const [, date = '', region = '', service = '', end = ''] = credential.split('/');
  const key = [date, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, policy).toString('hex');
};

describe('a presigned form', () => {
  const account = asId<'account'>(randomUUID());
  const issue = (maxBytes: number, seconds = 3_600) => {
    const store = createS3Store(options);
    const key = store.newKey(account);
    const expiresAt = new Date(Date.now() + seconds * 1_000);
    return store.issue({ account, attachmentId: asId(randomUUID()), key, maxBytes, expiresAt }).then((target) => ({ ...target, key }));
  };

  it('is signed as the store will sign it', async () => {
    const { fields } = await issue(5);
    const { Policy = '', 'X-Amz-Credential': credential = '', 'X-Amz-Signature': signature } = fields;
    expect(credential).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request$/);
    expect(signature).toBe(signatureOf(Policy, credential, options.secretAccessKey));
    expect(signature).not.toBe(signatureOf(Policy, credential, 'another secret'));
    expect(Object.values(fields).join()).not.toContain(options.secretAccessKey);
  });

  it('lets through this file alone: its key, its size, its time', async () => {
    const { url, fields, key, expiresAt } = await issue(482_113, 60);
    expect(url).toBe('https://s3.example.com/coucou');
    const policy = JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString()) as { expiration: string; conditions: unknown[] };
    expect(policy.conditions).toContainEqual(['content-length-range', 482_113, 482_113]);
    expect(policy.conditions).toContainEqual({ key });
    expect(policy.conditions).toContainEqual({ bucket: 'coucou' });
    expect(fields['key']).toBe(key);
    const expiration = Date.parse(policy.expiration);
    expect(expiration).toBeLessThanOrEqual(expiresAt.getTime() + 1_000);
    expect(expiration).toBeGreaterThan(expiresAt.getTime() - 5_000);
  });
});
