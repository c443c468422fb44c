import { changeEmail, undoEmailChange } from '@coucou/application/auth/change-email';
import { changePassword } from '@coucou/application/auth/change-password';
import { forgotPassword, resetPassword } from '@coucou/application/auth/forgotten-password';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import { resendVerification } from '@coucou/application/auth/resend-verification';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { mailDue, noticeDue } from '@coucou/application/mail/mail-events';
import * as templates from '@coucou/application/mail/mail-templates';
import { MailSuppressions, MailTemplates } from '@coucou/application/mail/repositories';
import { sendMail, sendNotice } from '@coucou/application/mail/send-mail';
import { MailSuppressionReader } from '@coucou/application/mail/suppression-reader';
import * as suppressions from '@coucou/application/mail/suppressions';
import * as email from '@coucou/contracts/auth/email';
import * as magicLinks from '@coucou/contracts/auth/magic-links';
import * as passwords from '@coucou/contracts/auth/passwords';
import * as suppressionContracts from '@coucou/contracts/mail/suppressions';
import * as templateContracts from '@coucou/contracts/mail/templates';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { mailActions } from '@coucou/domain/mail/audit-actions';
import { mailSuppressionErrors } from '@coucou/domain/mail/mail-suppression';
import { mailTemplateErrors } from '@coucou/domain/mail/mail-template';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createMailSuppressionReader } from '@coucou/postgres/mail/mail-suppression-reader';
import { createMailSuppressionRepository } from '@coucou/postgres/mail/mail-suppression-repository';
import { createMailTemplateRepository } from '@coucou/postgres/mail/mail-template-repository';
import { presentPage } from '../conversations/presenters.ts';
import { presentAuthenticated } from '../auth/presenters.ts';
import { feature } from '../feature.ts';
import { presentMailSuppression } from './suppression-presenters.ts';
import { presentPreview, presentTemplate, presentTemplates } from './template-presenters.ts';
import { presentOwnUser } from '../users/presenters.ts';

/** Mail, and what people do by mail. */
export const mailFeature = feature({
  name: 'mail',
  operations: [
    bind(email.verifyEmail, verifyEmail, presentOwnUser),
    bind(email.resendVerification, resendVerification, () => {}),
    bind(email.changeEmail, changeEmail, () => {}),
    bind(email.undoEmailChange, undoEmailChange, () => {}),
    bind(passwords.forgotPassword, forgotPassword, () => {}),
    bind(passwords.resetPassword, resetPassword, () => {}),
    bind(passwords.changePassword, changePassword, () => {}),
    bind(magicLinks.requestMagicLink, requestMagicLink, () => {}),
    bind(magicLinks.consumeMagicLink, consumeMagicLink, presentAuthenticated),
    bind(templateContracts.listMailTemplates, templates.listMailTemplates, presentTemplates),
    bind(templateContracts.getMailTemplate, templates.getMailTemplate, presentTemplate),
    bind(templateContracts.putMailTemplate, templates.putMailTemplate, presentTemplate),
    bind(templateContracts.deleteMailTemplate, templates.deleteMailTemplate, () => {}),
    bind(templateContracts.previewMailTemplate, templates.previewMailTemplate, presentPreview),
    bind(templateContracts.testMailTemplate, templates.testMailTemplate, () => {}),
    bind(suppressionContracts.reportBounce, suppressions.reportBounce, () => {}),
    bind(suppressionContracts.listMailSuppressions, suppressions.listMailSuppressions, presentPage(presentMailSuppression)),
    bind(suppressionContracts.liftMailSuppression, suppressions.liftMailSuppression, () => {}),
  ],
  errors: [mailErrors, mailTemplateErrors, mailSuppressionErrors],
  auditActions: [mailActions],
  events: [wired(mailDue, {}, {}), wired(noticeDue, {}, {})],
  subscribers: [sendMail, sendNotice],
  jobs: [suppressions.forgetBounces],
  storage: {
    repositories: [repository(MailTemplates, createMailTemplateRepository), repository(MailSuppressions, createMailSuppressionRepository)],
    readers: [reader(MailSuppressionReader, createMailSuppressionReader)],
  },
});
