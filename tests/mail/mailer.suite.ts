import { randomUUID } from 'node:crypto';
import type { Mail, Mailer } from '@coucou/application/ports/mailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export type Arrived = Readonly<{ to: string; subject: string; text: string; html: string }>;

export type MailerUnderTest = Readonly<{ mailer: Mailer /** Oldest first. */; arrived(): readonly Arrived[]; close(): Promise<void> }>;

const LINK = 'https://chat.example.com/links/verify-email#token=abc_DEF-123';

export const mailTo = (address: string, more: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  to: { address },
  subject: 'Confirm your e-mail address',
  text: `Somebody signed up with this address.\n\n${LINK}\n`,
  html: `<p>Somebody signed up with this address.</p><p><a href="${LINK}">Confirm the address</a></p>`,
  link: LINK,
  ...more,
});

/** What every mailer does. */
export function mailerSuite(name: string, open: () => Promise<MailerUnderTest>): void {
  describe(`the mailer: ${name}`, () => {
    let under: MailerUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());
    const last = () => under.arrived().at(-1);

    it('is available, and brings subject, text and link', async () => {
      expect(under.mailer.isAvailable).toBe(true);
      await under.mailer.send(mailTo('alice@example.com'));
      expect(last()).toMatchObject({ to: 'alice@example.com', subject: 'Confirm your e-mail address' });
      expect(last()?.text.trim()).toBe(`Somebody signed up with this address.\n\n${LINK}`);
      expect(last()?.html).toContain(`<a href="${LINK}"`);
      expect(last()?.html).toContain('<p>Somebody signed up with this address.</p>');
    });

    it('brings a mail once, however often it is sent', async () => {
      const mail = mailTo('bob@example.com');
      const before = under.arrived().length;
      for (let times = 0; times < 3; times += 1) await under.mailer.send(mail);
      expect(under.arrived()).toHaveLength(before + 1);
    });

    it('brings every letter of any script', async () => {
      await under.mailer.send(
        mailTo('carol@example.com', { subject: 'Bonjour Zoë 你好 👋', text: 'Ça va, 你好 👋?', html: '<p>Ça va, 你好 👋?</p>' }),
      );
      expect(last()).toMatchObject({
        subject: 'Bonjour Zoë 你好 👋',
        text: expect.stringContaining('Ça va, 你好 👋?'),
        html: expect.stringContaining('Ça va, 你好 👋?'),
      });
    });

    it('keeps a subject on one line', async () => {
      await under.mailer.send(mailTo('erin@example.com', { subject: 'Hello\r\nBcc: mallory@example.com\u2028\u202egnp.exe' }));
      expect(last()?.subject).toBe('Hello Bcc: mallory@example.com gnp.exe');
    });

    it.each([
      'alice',
      '@example.com',
      'alice@',
      'alice@example.com, mallory@example.com',
      'alice@example.com\r\nRCPT TO:<mallory@example.com>',
      '"mallory@example.com x"@example.org',
      'alice@example.com>',
      '<alice@example.com>',
      'al ice@example.com',
      'alice@exämple.com',
      'alice@[127.0.0.1]',
      `${'a'.repeat(65)}@example.com`,
      'alice@-example.com',
      'alice..b@example.com',
    ])('drops a mail to %j: no address', async (address) => {
      const before = under.arrived().length;
      await under.mailer.send(mailTo(address));
      expect(under.arrived()).toHaveLength(before);
    });
  });
}
