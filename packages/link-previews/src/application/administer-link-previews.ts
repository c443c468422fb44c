import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { linkPreviewActions } from '../domain/audit-actions.ts';
import { LinkPreviewRepository, PreviewingAccounts } from './link-preview-repository.ts';

type Policy = Readonly<{ enabled: boolean }>;

export const getLinkPreviews = adminUseCase({
  name: 'admin.getLinkPreviews',
  deps: { uow: unitOfWork({ previews: LinkPreviewRepository }) },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account }) =>
    uow.read(account, async (tx): Promise<Policy> => ({ enabled: await tx.previews.isEnabled() })),
});

export const putLinkPreviews = adminUseCase({
  name: 'admin.putLinkPreviews',
  deps: { uow: unitOfWork({ previews: LinkPreviewRepository, auditLog: AuditLog }), accounts: PreviewingAccounts, ...auditPorts },
  async run({ uow, accounts, ...ports }, { enabled }: Policy, call): Promise<Policy> {
    await uow.write(call.account, async (tx) => {
      if (await tx.previews.enable(call.account, enabled))
        await recordAudit(ports, tx, call, linkPreviewActions.link_previews_changed, { details: { previews: enabled ? 'on' : 'off' } });
    });
    accounts.forget(call.account);
    return { enabled };
  },
});
