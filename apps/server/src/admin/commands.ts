import type { AdminCommand } from './admin-command.ts';
import { attachments } from './attachments.ts';
import { createAdmin } from './create-admin.ts';
import { exportUser } from './export-user.ts';
import { suspend } from './suspend.ts';
import { wordList } from './word-list.ts';

export type AdminCommandName = 'attachments' | 'create-admin' | 'export-user' | 'suspend' | 'word-list';

/** The commands that run in the server process. */
export const adminCommands: Readonly<Record<AdminCommandName, AdminCommand>> = {
  attachments,
  'create-admin': createAdmin,
  'export-user': exportUser,
  suspend,
  'word-list': wordList,
};

export const isAdminCommand = (name: string): name is AdminCommandName => Object.hasOwn(adminCommands, name);
