import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase, useCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { customEmojiActions } from '../domain/audit-actions.ts';
import { CustomEmoji, customEmojiErrors } from '../domain/custom-emoji.ts';
import { CustomEmojis } from './custom-emoji-repository.ts';

const uow = unitOfWork({ emoji: CustomEmojis, auditLog: AuditLog });

export type ListEmoji = Readonly<{ limit: number; cursor?: string | undefined }>;

export const listEmoji = useCase({
  name: 'emoji.list',
  deps: { uow: unitOfWork({ emoji: CustomEmojis }) },
  run: ({ uow: { read } }, { limit, cursor }: ListEmoji, { account }) => read(account, (tx) => tx.emoji.list({ limit, cursor })),
});

/** The same image again changes nothing, and leaves no entry in the audit log. */
export const putEmoji = adminUseCase({
  name: 'admin.putEmoji',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { name, imageUrl }: Readonly<{ name: string; imageUrl: string }>, call): Promise<CustomEmoji> =>
    write(call.account, async (tx) => {
      const before = await tx.emoji.lock(name);
      if (before?.imageUrl === imageUrl) return before;
      if (before === undefined) CustomEmoji.requireRoom(await tx.emoji.count());
      const after = { accountId: call.account, name, imageUrl, createdAt: before?.createdAt ?? ports.clock.now() };
      await tx.emoji.put(after);
      await recordAudit(ports, tx, call, customEmojiActions.emoji_put, { target: call.account, details: { name, imageUrl } });
      return after;
    }),
});

export const deleteEmoji = adminUseCase({
  name: 'admin.deleteEmoji',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { name }: Readonly<{ name: string }>, call): Promise<void> =>
    write(call.account, async (tx) => {
      if (!(await tx.emoji.remove(name))) throw customEmojiErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, customEmojiActions.emoji_deleted, { target: call.account, details: { name } });
    }),
});
