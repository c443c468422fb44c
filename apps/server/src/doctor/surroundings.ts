import { constants, existsSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLoopbackHost } from '@coucou/http/loopback';
import type { Config } from '../config.ts';
import { openStore } from '../start/files.ts';
import { codeOf } from '../start/start-error.ts';
import { fault, type Finding, ok, warning } from './finding.ts';

/** Bytes that should be free where files are kept. */
const LITTLE_SPACE = 1024 ** 3;
const ANSWER_WITHIN_MS = 5_000;

export async function checkFiles({ dataDir, s3 }: Pick<Config, 'dataDir' | 's3'>): Promise<readonly Finding[]> {
  const { bucket } = openStore({ dataDir, s3 });
  if (bucket === undefined) return [await checkDirectory(dataDir)];
  try {
    await bucket.check();
    return [ok('files', `the bucket ${s3?.bucket} answers`)];
  } catch (error) {
    const { name = 'no answer' } = error as { name?: string };
    return [
      fault('files', `the bucket ${s3?.bucket} cannot be used (${name})`, 'check S3_ENDPOINT, S3_REGION, the key and what it may do'),
    ];
  } finally {
    bucket.close();
  }
}

async function checkDirectory(dataDir: string): Promise<Finding> {
  const uploads = join(dataDir, 'uploads');
  let directory = uploads;
  while (!existsSync(directory) && dirname(directory) !== directory) directory = dirname(directory);
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(directory);
    const gibibytes = `${((bavail * bsize) / LITTLE_SPACE).toFixed(1)} GiB free`;
    return bavail * bsize < LITTLE_SPACE
      ? warning('files', `kept in ${uploads}, ${gibibytes}`, 'make room, or keep files in a bucket with S3_BUCKET')
      : ok('files', `kept in ${uploads}, ${gibibytes}`);
  } catch (error) {
    return fault(
      'files',
      `${directory} cannot be written (${codeOf(error) ?? 'no reason given'})`,
      'let this user write there, or choose another DATA_DIR',
    );
  }
}

export async function checkMail({ smtp, mode }: Pick<Config, 'smtp' | 'mode'>): Promise<readonly Finding[]> {
  if (smtp === undefined)
    return [
      mode === 'production'
        ? warning('mail', 'off', 'set SMTP_URL: without it nobody can confirm an address or get a new password')
        : ok('mail', 'no mail leaves this server: SMTP_URL is not set'),
    ];
  const { createSmtpMailer } = await import('@coucou/mail/smtp-mailer');
  let reason = 'it does not answer';
  const log = { warn: (details: object) => void (reason = (details as { reason?: string }).reason ?? reason) };
  const mailer = createSmtpMailer({ ...smtp, log, timeouts: { probeMs: ANSWER_WITHIN_MS } });
  try {
    const { status } = await mailer.health.check();
    const { host } = new URL(smtp.url);
    return [
      status === 'up'
        ? ok('mail', `${host} takes mail`)
        : fault('mail', `${host} cannot be used (${reason})`, 'check SMTP_URL: the host, the port, and the user with the password'),
    ];
  } finally {
    await mailer.close(0);
  }
}

export async function checkAddress({
  publicUrl,
  mode,
  trustProxy,
}: Pick<Config, 'publicUrl' | 'mode' | 'trustProxy'>): Promise<readonly Finding[]> {
  if (publicUrl === undefined) {
    const found = 'is not set';
    const fix = 'set it to the address under which clients reach the server: links, tokens and pages of other origins depend on it';
    return [mode === 'production' ? warning('PUBLIC_URL', found, fix) : ok('PUBLIC_URL', `${found}: made from where the server listens`)];
  }
  const { protocol, hostname } = new URL(publicUrl);
  const findings: Finding[] = [];
  if (protocol === 'http:' && !isLoopbackHost(hostname))
    findings.push(
      warning(
        'PUBLIC_URL',
        'has no TLS: passwords and tokens cross the network in the clear',
        'put a proxy with TLS before the server, and write https://',
      ),
    );
  if (protocol === 'https:' && trustProxy.length === 0)
    findings.push(
      warning(
        'TRUST_PROXY',
        'is empty, while a proxy speaks TLS: all clients have its address, and share one limit',
        'list the addresses of the proxy',
      ),
    );
  return [...findings, await askAddress(publicUrl)];
}

async function askAddress(publicUrl: string): Promise<Finding> {
  try {
    const { status } = await fetch(`${publicUrl}/health/live`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'manual' });
    if (status === 200) return ok('PUBLIC_URL', `${publicUrl} answers`);
    return warning('PUBLIC_URL', `${publicUrl}/health/live answers ${status}`, 'start the server, and let the proxy pass every path to it');
  } catch (error) {
    const reason = codeOf(error) ?? (error as Error).name;
    return warning(
      'PUBLIC_URL',
      `${publicUrl} does not answer from here (${reason})`,
      'start the server; then check the name, the proxy and its certificate',
    );
  }
}
