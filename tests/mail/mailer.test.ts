import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createMailbox } from '@coucou/mail/mailbox';
import { noMailer } from '@coucou/mail/no-mailer';
import { createSmtpMailer, type SmtpMailer, type SmtpOptions } from '@coucou/mail/smtp-mailer';
import { systemClock } from '@coucou/runtime/clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { mailerSuite, mailTo } from './mailer.suite.ts';

const from = { address: 'no-reply@chat.example.com', name: 'Coucou' };

mailerSuite('the development mailbox', async () => {
  const mailbox = createMailbox({ clock: systemClock });
  return { mailer: mailbox, arrived: () => mailbox.list().toReversed(), close: async () => {} };
});

mailerSuite('SMTP', async () => {
  const sink = await openSmtpSink();
  const mailer = createSmtpMailer({ url: sink.url, from, log: { warn: () => {} } });
  return {
    mailer,
    arrived: () =>
      sink.received.map(({ to, mail }) => ({ to: to.join(), subject: mail.subject ?? '', text: mail.text ?? '', html: mail.html ?? '' })),
    async close() {
      await mailer.close(0);
      await sink.close();
    },
  };
});

it('keeps so many mails in the development mailbox, the newest', async () => {
  const mailbox = createMailbox({ clock: systemClock, most: 2 });
  for (const name of ['alice', 'bob', 'carol']) await mailbox.send(mailTo(`${name}@example.com`));
  expect(mailbox.list().map(({ to }) => to)).toEqual(['carol@example.com', 'bob@example.com']);
});

it('says without a mail server that there is none, and loses nothing', async () => {
  expect(noMailer.isAvailable).toBe(false);
  await expect(noMailer.send(mailTo('alice@example.com'))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

describe('mail by SMTP', () => {
  let sink: SmtpSink;
  let mailer: SmtpMailer;
  const warnings: object[] = [];
  const open = (options: Partial<SmtpOptions> = {}) =>
    createSmtpMailer({ url: sink.url, from, log: { warn: (details, message) => void warnings.push({ ...details, message }) }, ...options });
  beforeAll(async () => {
    sink = await openSmtpSink();
    mailer = open();
  });
  beforeEach(() => {
    warnings.length = 0;
    sink.received.length = 0;
    Object.assign(sink.moods, { rcpt: undefined, data: undefined });
  });
  afterAll(async () => {
    await mailer.close(0);
    await sink.close();
  });

  it('names sender and recipient in envelope and headers, and is answered by no machine', async () => {
    const mail = mailTo('alice@example.com', { to: { address: 'alice@example.com', name: 'Alice Martin' } });
    await mailer.send(mail);
    expect(sink.received[0]).toMatchObject({
      from: 'no-reply@chat.example.com',
      to: ['alice@example.com'],
      mail: {
        from: { address: 'no-reply@chat.example.com', name: 'Coucou' },
        to: [{ address: 'alice@example.com', name: 'Alice Martin' }],
        messageId: `<${mail.id}@chat.example.com>`,
      },
    });
    expect(sink.received[0]?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  });

  it.each([
    ['ends its line', 'Alice\r\nBcc: mallory@example.com\r\n\r\nowned', 'Alice Bcc malloryexample.com owned'],
    ['is a header', 'Alice\nSubject: owned', 'Alice Subject owned'],
    ['is folded', 'Alice\r\n Bcc: mallory@example.com', 'Alice Bcc malloryexample.com'],
    ['quotes', 'Alice" <mallory@example.com>, "', 'Alice malloryexample.com'],
    ['is a list', 'a@example.com, b@example.com', 'aexample.com bexample.com'],
    ['is an encoded word', '=?utf-8?B?DQpCY2M6IG1hbGxvcnlAZXhhbXBsZS5jb20=?=', 'utf-8BDQpCY2M6IG1hbGxvcnlAZXhhbXBsZS5jb20'],
    ['turns direction', 'Ali\u202Ece\u2066x', 'Alicex'],
    ['hides something', 'A\u200Bli\u00ADce\uFEFF\u{E0041}', 'Alice'],
    ['holds controls', 'Al\u0000i\u001Bce\u0085', 'Alice'],
    ['separates lines', 'Alice\u2028Bcc: x', 'Alice Bcc x'],
    ['shows nothing', '\u3164 \u200B', ''],
    ['is long', 'Alice '.repeat(100), 'Alice '.repeat(100).slice(0, 64).trim()],
    ['has other letters', 'Zoë 你好 O’Neil-Ng', 'Zoë 你好 O’Neil-Ng'],
  ])('writes one header for a name that %s', async (_, name, shown) => {
    await mailer.send(mailTo('alice@example.com', { to: { address: 'alice@example.com', name } }));
    const [got] = sink.received;
    expect(got?.to).toEqual(['alice@example.com']);
    expect(got?.mail.to).toEqual([{ address: 'alice@example.com', name: shown }]);
    expect(got?.mail.headers.map(({ key }) => key).toSorted()).toEqual(
      ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].toSorted(),
    );
    expect(got?.mail.subject).toBe('Confirm your e-mail address');
  });

  it.each([
    ['recipient', 'rcpt', 550, 'RCPT TO'],
    ['content', 'data', 554, 'DATA'],
  ] as const)('gives up a mail whose %s is refused for good, and logs no address', async (_, mood, code, command) => {
    sink.moods[mood] = code;
    const mail = mailTo('gone@example.com');
    await mailer.send(mail);
    expect(warnings).toEqual([{ mail: mail.id, command, responseCode: code, message: 'the mail server refused a mail for good' }]);
    sink.moods[mood] = undefined;
    await mailer.send(mail);
    expect(sink.received).toEqual([]);
    await mailer.send(mailTo('alice@example.com'));
    expect(sink.received).toHaveLength(1);
  });

  it.each([
    ['recipient', 'rcpt', 450, 'RCPT TO'],
    ['content', 'data', 451, 'DATA'],
  ] as const)('wants a mail whose %s is put off to be sent again, and no other to wait', async (_, mood, code, command) => {
    sink.moods[mood] = code;
    const mail = mailTo('later@example.com');
    await expect(mailer.send(mail)).rejects.toThrow(new Error(`the mail server answered ${code} to ${command}`));
    sink.moods[mood] = undefined;
    await mailer.send(mail);
    expect(sink.received).toHaveLength(1);
  });

  const away = expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' });

  it('signs in, and takes a wrong password for a fault of all mail', async () => {
    const guarded = await openSmtpSink({ credentials: { user: 'coucou', password: 'p@ss%' } });
    const as = (user: string) => open({ url: guarded.url.replace('//', `//${user}@`) });
    const [right, wrong] = [as('coucou:p%40ss%25'), as('coucou:guess')];
    await right.send(mailTo('alice@example.com'));
    expect(guarded.received).toHaveLength(1);
    const error = await wrong.send(mailTo('alice@example.com')).catch((thrown: unknown) => thrown);
    expect(error).toEqual(away);
    expect(String((error as Error).cause)).toBe('Error: mail: EAUTH at AUTH PLAIN, answered 535');
    await right.close(0);
    await wrong.close(0);
    await guarded.close();
  });

  it('sends no password in plain text over a network', async () => {
    const guarded = await openSmtpSink({ credentials: { user: 'coucou', password: 'secret' } });
    // This machine by an address that is not loopback's; the sink offers no TLS.
    const remote = open({ url: guarded.url.replace('//127.0.0.1', '//coucou:secret@0.0.0.0') });
    const error = await remote.send(mailTo('alice@example.com')).catch((thrown: unknown) => thrown);
    expect(error).toEqual(away);
    expect(String((error as Error).cause)).toContain('STARTTLS');
    expect([guarded.connections(), guarded.logins(), guarded.received]).toEqual([1, 0, []]);
    await remote.close(0);
    await guarded.close();
  });

  describe('when the server is in trouble', () => {
    const sockets = new Set<Socket>();
    const closing: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });

    /** A TCP server that does this with every connection. */
    async function serverThat(behaves: (socket: Socket) => void): Promise<string> {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        behaves(socket);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closing.push(async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      });
      return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    const timeouts = { connectMs: 200, greetingMs: 200, silenceMs: 200, deliveryMs: 600 };
    const trickle = (socket: Socket) => {
      // A reply without end, a byte at a time: nothing is ever silent.
      socket.write('220-hello\r\n');
      const timer = setInterval(() => socket.write('220-\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    };

    it.each([
      ['says nothing', () => {}],
      ['hangs up', (socket: Socket) => void socket.destroy()],
      ['is busy', (socket: Socket) => void socket.end('421 too many connections\r\n')],
      ['speaks another protocol', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['never stops greeting', trickle],
      [
        'stops in the middle',
        (socket: Socket) => {
          socket.write('220 hello\r\n');
          socket.on('data', (data) => void (String(data).startsWith('EHLO') && socket.write('250 hello\r\n')));
        },
      ],
    ])('says so in bounded time for one that %s', async (_, behaves) => {
      const troubled = open({ url: await serverThat(behaves), timeouts });
      const begun = performance.now();
      await expect(troubled.send(mailTo('alice@example.com'))).rejects.toEqual(away);
      expect(performance.now() - begun).toBeLessThan(3_000);
      await troubled.close(0);
    });

    it('says so for one that is not there, and sends again once it is', async () => {
      const gone = await openSmtpSink();
      await gone.close();
      const port = Number(new URL(gone.url).port);
      const troubled = open({ url: gone.url, timeouts: { ...timeouts, probeEveryMs: 0 } });
      const mail = mailTo('alice@example.com');
      await expect(troubled.send(mail)).rejects.toEqual(away);
      expect(await troubled.health.check()).toEqual({ status: 'degraded', detail: 'the mail server does not answer' });
      const back = await openSmtpSink({ port });
      await troubled.send(mail);
      expect(back.received).toHaveLength(1);
      expect(await troubled.health.check()).toEqual({ status: 'up' });
      await troubled.close(0);
      await back.close();
    });
  });

  it('lets a delivery end when it is closed, for a while', async () => {
    const busy = await openSmtpSink();
    const closing = open({ url: busy.url });
    const sent = closing.send(mailTo('alice@example.com'));
    await Promise.all([closing.close(10_000), sent]);
    expect(busy.received).toHaveLength(1);
    await expect(closing.send(mailTo('bob@example.com'))).rejects.toEqual(away);
    await busy.close();
  });

  it('sends over few connections at a time', async () => {
    const busy = await openSmtpSink();
    const several = open({ url: busy.url });
    await Promise.all(Array.from({ length: 40 }, (_, at) => several.send(mailTo(`person${at}@example.com`))));
    expect(busy.received).toHaveLength(40);
    expect(busy.connections()).toBeLessThanOrEqual(4);
    await several.close(0);
    await busy.close();
  });
});
