import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { ConfigError } from './config-error.ts';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration of mail', () => {
  const SMTP_URL = 'smtp://mail:25';
  const smtpOf = (env: Record<string, string>) => loadConfig({ SMTP_URL, ...env }).smtp;

  it('names the mail server that mail is handed to, and who sends it', () => {
    expect(loadConfig({}).smtp).toBeUndefined();
    expect(smtpOf({ MAIL_FROM: 'Coucou <no-reply@example.com>' })).toEqual({
      url: SMTP_URL,
      from: { address: 'no-reply@example.com', name: 'Coucou' },
    });
    expect(smtpOf({ MAIL_FROM: ' no-reply@example.com ' })?.from).toEqual({ address: 'no-reply@example.com', name: undefined });
    expect(smtpOf({ PUBLIC_URL: 'https://chat.example.com/a' })?.from).toEqual({ address: 'no-reply@chat.example.com', name: undefined });
  });

  it('needs a sender, and in production an address for links: neither is taken from a request', () => {
    const sender = expect.stringMatching(/^MAIL_FROM is missing; .+ \(or set PUBLIC_URL\)$/);
    const app = expect.stringMatching(/^APP_URL is missing; .+ \(or set PUBLIC_URL\)$/);
    const production = { SMTP_URL, NODE_ENV: 'production', EMBEDDED: '1' };
    expect(faultsOf({ SMTP_URL })).toEqual([sender]);
    expect(faultsOf(production)).toEqual([sender, app]);
    expect(faultsOf({ ...production, MAIL_FROM: 'a@example.com', APP_URL: 'https://app.example.com' })).toEqual([]);
    expect(faultsOf({ ...production, PUBLIC_URL: 'https://chat.example.com' })).toEqual([]);
  });

  it.each([
    { SMTP_URL: 'mail:25' },
    { SMTP_URL: 'http://mail' },
    { SMTP_URL: 'smtp://' },
    { SMTP_URL: 'smtp://mail?pool=true' },
    { MAIL_FROM: 'nobody' },
    { MAIL_FROM: 'a@example.com, b@example.com' },
    { MAIL_FROM: 'Coucou <no-reply@example.com> x' },
    { MAIL_FROM: 'Coucou\r\nBcc: x <no-reply@example.com>' },
    { APP_URL: 'app.example.com' },
    { APP_URL: 'https://app.example.com/?a=b' },
    { APP_URL: 'https://app.example.com/#/' },
  ])('is refused with %j', (env) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${Object.keys(env)[0]} (?:is|must be) `))]);
  });
});
