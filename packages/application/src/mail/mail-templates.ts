import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { mailActions } from '@coucou/domain/mail/audit-actions';
import {
  type MailKind,
  mailKinds,
  MailTemplate,
  type MailTemplateField,
  type MailTemplateOverride,
  mailTemplateErrors,
  type Placeholder,
  placeholdersOf,
  type TemplateFault,
} from '@coucou/domain/mail/mail-template';
import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import type { Instant } from '@coucou/domain/kernel/ids';
import { OwnAccounts } from '../accounts/repositories.ts';
import { rankOf } from '../accounts/authority-rank.ts';
import { countMail, mailLimitPorts } from '../auth/mail-limits.ts';
import { requireRecentSignIn } from '../auth/reauthenticate.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { Sessions } from '../auth/repositories.ts';
import type { AdminCall } from '../kernel/call.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { MailLinks } from '../ports/mail-links.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { builtInLocales, builtInTemplate } from './built-in-templates.ts';
import { findTemplate } from './find-template.ts';
import { digestValues, SAMPLE_COUNTS } from './digest-values.ts';
import { mailPorts, orderMail, requireMail, SAMPLE_TOKEN } from './mail-events.ts';
import { MailTemplates } from './repositories.ts';

type Named = Readonly<{ kind: MailKind; locale: string }>;

/**
 * `isBuiltIn`: the server has one; `isOverridden`: the account says something else; `faults`: why this version of the server does not send
 * that, and its own instead.
 */
export type ListedTemplate = Named &
  Readonly<{ isBuiltIn: boolean; isOverridden: boolean; updatedAt: Instant | undefined; faults: readonly TemplateFault[] }>;

export type ShownTemplate = ListedTemplate &
  Readonly<{ template: MailTemplate; placeholders: Readonly<Record<MailTemplateField, readonly Placeholder[]>> }>;

const reading = { uow: unitOfWork({ templates: MailTemplates }) };

export const listMailTemplates = adminUseCase({
  name: 'admin.listMailTemplates',
  deps: reading,
  async run({ uow }, _input: Readonly<Record<never, never>>, { account }): Promise<readonly ListedTemplate[]> {
    const own = await uow.read(account, (tx) => tx.templates.list());
    return mailKinds.flatMap((kind) => {
      const ofKind = new Map(own.filter((override) => override.kind === kind).map((override) => [override.locale, override]));
      return [...new Set([...builtInLocales, ...ofKind.keys()])].toSorted().map((locale) => listed({ kind, locale }, ofKind.get(locale)));
    });
  },
});

const listed = ({ kind, locale }: Named, own: MailTemplateOverride | undefined): ListedTemplate => ({
  kind,
  locale,
  isBuiltIn: builtInLocales.includes(locale),
  isOverridden: own !== undefined,
  updatedAt: own?.updatedAt,
  faults: own === undefined ? [] : MailTemplate.faultsOf(kind, own),
});

async function shown(tx: Readonly<{ templates: MailTemplateRepository }>, { kind, locale }: Named): Promise<ShownTemplate> {
  const [own] = await tx.templates.lookupMany(kind, [locale]);
  const template = own ?? builtInTemplate(kind, locale);
  if (template === undefined) throw mailTemplateErrors.NOT_FOUND();
  return {
    ...listed({ kind, locale }, own),
    template,
    placeholders: { subject: placeholdersOf(kind, 'subject'), text: placeholdersOf(kind, 'text'), html: placeholdersOf(kind, 'html') },
  };
}

export const getMailTemplate = adminUseCase({
  name: 'admin.getMailTemplate',
  deps: reading,
  run: ({ uow }, named: Named, { account }) => uow.read(account, (tx) => shown(tx, named)),
});

const writing = {
  uow: unitOfWork({ templates: MailTemplates, sessions: Sessions, auditLog: AuditLog }),
  ...auditPorts,
};

/** What these mails say leads people, owners among them, to where they choose their passwords. */
function requireOwner({ authority }: AdminCall): void {
  if (rankOf(authority) !== 'owner') throw errors.FORBIDDEN({ reason: 'for owners of the account' });
}

export const putMailTemplate = adminUseCase({
  name: 'admin.putMailTemplate',
  deps: writing,
  async run({ uow, ...ports }, { kind, locale, ...template }: Named & MailTemplate, call): Promise<ShownTemplate> {
    requireOwner(call);
    MailTemplate.check(kind, template);
    return uow.write(call.account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      if ((await tx.templates.countOthers(kind, locale)) >= limits.mailTemplates.most)
        throw mailTemplateErrors.LIMIT({ limit: limits.mailTemplates.most });
      const updatedBy = call.actor?.userId;
      await tx.templates.put({ accountId: call.account, kind, locale, ...template, updatedAt: ports.clock.now(), updatedBy });
      await recordAudit(ports, tx, call, mailActions.mail_template_changed, { details: { kind, locale } });
      return shown(tx, { kind, locale });
    });
  },
});

/** Back to the server's own. */
export const deleteMailTemplate = adminUseCase({
  name: 'admin.deleteMailTemplate',
  deps: writing,
  async run({ uow, ...ports }, { kind, locale }: Named, call) {
    requireOwner(call);
    await uow.write(call.account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      if (!(await tx.templates.remove(kind, locale))) throw mailTemplateErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, mailActions.mail_template_removed, { details: { kind, locale } });
    });
  },
});

type Preview = Named & { readonly [Field in MailTemplateField]?: string | undefined };

/** What would be sent, for somebody made up: the template in force, or one that is being written. */
export const previewMailTemplate = adminUseCase({
  name: 'admin.previewMailTemplate',
  deps: { uow: unitOfWork({ templates: MailTemplates, accounts: OwnAccounts }), links: MailLinks },
  async run({ uow, links }, { kind, locale, ...draft }: Preview, { account }) {
    const { inForce, appUrl } = await uow.read(account, async (tx) => {
      const { settings } = await tx.accounts.own();
      return { inForce: (await findTemplate(tx, kind, [locale, settings.locale])).template, appUrl: settings.appUrl };
    });
    const template = {
      subject: draft.subject ?? inForce.subject,
      text: draft.text ?? inForce.text,
      html: draft.html ?? inForce.html,
    };
    MailTemplate.check(kind, template);
    const site = links.site(appUrl);
    return MailTemplate.render(template, {
      site: site.name,
      name: 'Alice Martin',
      address: 'alice@example.com',
      ...(kind === 'digest'
        ? digestValues(links, site, SAMPLE_TOKEN, SAMPLE_COUNTS)
        : { link: kind === 'passwordChanged' ? undefined : site.urlOf(kind, SAMPLE_TOKEN) }),
    });
  },
});

/** The mail that others would get by the template in force, to the owner who asks for it. */
export const testMailTemplate = adminUseCase({
  name: 'admin.testMailTemplate',
  deps: { uow: unitOfWork({ users: Users }), ...mailLimitPorts, ...mailPorts },
  async run({ uow, ...given }, { kind, locale }: Named, call) {
    requireOwner(call);
    requireMail(given);
    const { account, actor } = call;
    const user = actor && (await uow.read(account, (tx) => tx.users.lookup(actor.userId)));
    if (user === undefined) throw errors.FORBIDDEN({ reason: 'for owners of the account' });
    if (user.email === undefined || !user.emailVerified) throw authErrors.EMAIL_NOT_VERIFIED();
    await countMail(given, call, 'test', user.email);
    await uow.write(account, async (tx) => orderMail(given, tx, { kind: 'test', of: kind, locale, userId: user.id }));
  },
});
