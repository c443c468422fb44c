import { randomUUID } from 'node:crypto';
import type { Mail, Mailer } from '@coucou/application/ports/mailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export type Arrived = Readonly<{ to: string; subject: string; text: string; html: string }>;

export type MailerUnderTest = Readonly<{ mailer: Mailer /** Oldest first. */; arrived(): readonly Arrived[]; close(): Promise<void> }>;

export const mailTo = (address: string, more: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  to: { address },
  subject: 'Confirm your e-mail address',
  paragraphs: ['Hello.', 'Somebody signed up with this address.'],
  link: { label: 'Confirm the address', url: 'https://chat.example.com/links/verify-email#token=abc_DEF-123' },
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
      const url = 'https://chat.example.com/links/verify-email#token=abc_DEF-123';
      expect(last()?.text.trim()).toBe(`Hello.\n\nSomebody signed up with this address.\n\nConfirm the address:\n${url}`);
      expect(last()?.html).toContain(`<a href="${url}"`);
      expect(last()?.html).toContain('<p>Somebody signed up with this address.</p>');
    });

    it('brings a mail once, however often it is sent', async () => {
      const mail = mailTo('bob@example.com');
      const before = under.arrived().length;
      for (let times = 0; times < 3; times += 1) await under.mailer.send(mail);
      expect(under.arrived()).toHaveLength(before + 1);
    });

    it('brings every letter of any script', async () => {
      await under.mailer.send(mailTo('carol@example.com', { subject: 'Bonjour Zoë 你好 👋', paragraphs: ['Ça va, 你好 👋?'] }));
      expect(last()).toMatchObject({ subject: 'Bonjour Zoë 你好 👋', text: expect.stringContaining('Ça va, 你好 👋?') });
    });

    it('puts text into HTML as text', async () => {
      await under.mailer.send(mailTo('dan@example.com', { paragraphs: ['<img src=x onerror=alert(1)> & "quotes"'] }));
      expect(last()?.html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;');
      expect(last()?.html).not.toContain('<img');
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
