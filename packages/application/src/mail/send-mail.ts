import { type MailedLink, mailedLinks } from '@coucou/domain/auth/mailed-link';
import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { MailSuppression } from '@coucou/domain/mail/mail-suppression';
import { type MailKind, MailTemplate } from '@coucou/domain/mail/mail-template';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import { metrics as catalogue } from '../metrics/catalogue.ts';
import { OwnAccounts } from '../accounts/repositories.ts';
import type { LinkContent } from '../auth/mailed-links.ts';
import { admits } from '../auth/sign-up-rules.ts';
import type { DurableEvent, FactOf } from '../kernel/event.ts';
import { subscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { UserPreferences } from '../preferences/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { MailLinks } from '../ports/mail-links.ts';
import { type Mail, Mailer } from '../ports/mailer.ts';
import { Metrics } from '../ports/metrics.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { mailDue, type MailOrder, noticeDue, SAMPLE_TOKEN } from './mail-events.ts';
import { unsubscribeToken } from './unsubscribe-token.ts';
import { digestValues, SAMPLE_COUNTS } from './digest-values.ts';
import { findTemplate } from './find-template.ts';
import { MailSuppressions, MailTemplates } from './repositories.ts';
import { bounceRepositories, noteBounce } from './suppressions.ts';

const repositories = {
  users: Users,
  accounts: OwnAccounts,
  preferences: UserPreferences,
  templates: MailTemplates,
  suppressions: MailSuppressions,
};
const deps = {
  uow: unitOfWork(repositories),
  sealed: SealedTokens,
  links: MailLinks,
  mailer: Mailer,
  clock: Clock,
  ids: Ids,
  metrics: Metrics,
  bounces: unitOfWork(bounceRepositories),
};
type Given = Ports<typeof deps>;
type Reading = Ports<typeof repositories>;
type Due = DurableEvent<FactOf<typeof mailDue>>;

type Addressed = Readonly<{
  to: Mail['to'];
  /** Whose it is, where that is somebody who is there already. */
  userId?: UserId | undefined;
  /** What the link carries, where there is one that leads somewhere. */
  content?: Omit<LinkContent, 'account'>;
}>;

/** The recipient, resolved when the mail is sent; undefined when it is obsolete. */
async function address(tx: Reading, order: MailOrder): Promise<Addressed | undefined> {
  switch (order.kind) {
    case 'resetPassword':
    case 'magicLink': {
      const found = await tx.users.lookupByIdentifier(order.email);
      const { email } = found?.user ?? {};
      if (found !== undefined && email !== undefined)
        return {
          userId: found.user.id,
          to: mailboxOf(found.user, email),
          content: { userId: found.user.id, email, version: found.securityVersion },
        };
      const { settings } = await tx.accounts.own();
      return order.kind === 'magicLink' && admits(settings, order.email)
        ? { to: { address: order.email }, content: { userId: undefined, email: order.email, version: 0 } }
        : undefined;
    }
    case 'passwordChanged':
    case 'digest':
    case 'test': {
      const user = await tx.users.lookup(order.userId);
      return user?.email === undefined || !user.emailVerified ? undefined : { userId: user.id, to: mailboxOf(user, user.email) };
    }
    case 'undoEmailChange':
      return { userId: order.userId, to: { address: order.email }, content: contentOf(order) };
    case 'verifyEmail':
    case 'changeEmail': {
      const user = await tx.users.lookup(order.userId);
      const { securityVersion } = (await tx.users.lookupCredentials(order.userId)) ?? {};
      if (user === undefined || securityVersion !== order.version) return undefined;
      if (order.kind === 'verifyEmail' && user.emailVerified) return undefined;
      // To an address that somebody else has proven no link goes, since it could not be taken.
      const holder = await tx.users.lookupByIdentifier(order.email);
      if (holder !== undefined && holder.user.id !== user.id && holder.user.emailVerified) return undefined;
      return { userId: order.userId, to: { address: order.email }, content: contentOf(order) };
    }
  }
}

const contentOf = ({ userId, email, version }: Extract<MailOrder, { version: number }>) => ({
  userId,
  email,
  version,
});

/** The name of somebody whose mailbox is proven; to others' mailboxes nobody sends words of their own. */
const mailboxOf = (user: User, email: string): Mail['to'] => ({
  address: email,
  ...(user.emailVerified && { name: user.displayName }),
});

async function compose(
  { uow, sealed, links, clock, metrics }: Given,
  { id, account, order, at }: Due,
): Promise<Mail | 'obsolete' | 'suppressed'> {
  const kind: MailKind = order.kind === 'test' ? order.of : order.kind;
  const link: MailedLink | undefined = kind === 'passwordChanged' || kind === 'digest' ? undefined : kind;
  const expiresAt: Instant | undefined = link && addSeconds(new Date(at), mailedLinks[link].seconds);
  if (expiresAt !== undefined && isPast(expiresAt, clock.now())) return 'obsolete';
  const found = await uow.read(account, async (tx) => {
    const addressed = await address(tx, order);
    if (addressed === undefined) return 'obsolete';
    if (MailSuppression.holdsBack(await tx.suppressions.lookup(addressed.to.address), clock.now())) return 'suppressed';
    const { settings } = await tx.accounts.own();
    const preferences = addressed.userId && (await tx.preferences.lookup(addressed.userId));
    // Whoever has unsubscribed meanwhile gets no more.
    if (order.kind === 'digest' && preferences?.notifications.email === false) return 'obsolete';
    const wanted = order.kind === 'test' ? order.locale : preferences?.locale;
    return { ...addressed, appUrl: settings.appUrl, ...(await findTemplate(tx, kind, [wanted, settings.locale])) };
  });
  if (typeof found === 'string') return found;
  const { to, content, template, isPassedOver } = found;
  if (isPassedOver) metrics.counter(catalogue.mailTemplatesPassedOver, {}).add();
  const site = links.site(found.appUrl);
  const values = { site: site.name, name: to.name ?? to.address, address: to.address };
  if (kind === 'digest') {
    const token = order.kind === 'digest' ? unsubscribeToken({ sealed, clock }, account, order.userId) : SAMPLE_TOKEN;
    const filled = digestValues(links, site, token, order.kind === 'digest' ? order : SAMPLE_COUNTS);
    return { id, to, ...MailTemplate.render(template, { ...values, ...filled }), unsubscribeUrl: links.unsubscribe(token).oneClick };
  }
  if (link === undefined || expiresAt === undefined) return { id, to, ...MailTemplate.render(template, values) };
  const token =
    content === undefined ? SAMPLE_TOKEN : sealed.seal(mailedLinks[link].purpose, { account, ...content } satisfies LinkContent, expiresAt);
  const url = site.urlOf(link, token);
  return { id, to, ...MailTemplate.render(template, { ...values, link: url }), link: url };
}

type Outcome = 'sent' | 'refused' | 'suppressed' | 'obsolete';

/** An address that the mail server refuses for good gets nothing more for a while. */
async function deliver(given: Given, event: Due): Promise<Outcome> {
  const mail = await compose(given, event);
  if (typeof mail === 'string') return mail;
  const delivery = await given.mailer.send(mail);
  if (delivery.is === 'taken') return 'sent';
  const { bounce: kind } = delivery;
  const { account, id } = event;
  if (kind !== undefined) {
    const bounce = { address: mail.to.address, kind, at: given.clock.now(), messageId: id };
    await given.bounces.write(account, (tx) => noteBounce(tx, given.ids, account, bounce));
  }
  return 'refused';
}

async function send(given: Given, event: Due): Promise<void> {
  given.metrics.counter(catalogue.mails, { outcome: await deliver(given, event) }).add();
}

export const sendMail = subscriber({ name: 'mail.send', on: mailDue, queue: 'urgent', deps, run: send });
/** Behind the mails that somebody waits for. */
export const sendNotice = subscriber({ name: 'mail.sendNotice', on: noticeDue, queue: 'normal', deps, run: send });
