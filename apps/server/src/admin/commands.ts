import type { AdminCommand } from './admin-command.ts';
import { attachments } from './attachments.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { createAccount } from './create-account.ts';
import { createAdmin } from './create-admin.ts';
import { exportCommand } from './export.ts';
import { exportUser } from './export-user.ts';
import { importCommand } from './import.ts';
import { importUsers } from './import-users.ts';
import { jobs } from './jobs.ts';
import { limits } from './limits.ts';
import { loadPeople } from './load-people.ts';
import { mintToken } from './mint-token.ts';
import { revokeSessions } from './revoke-sessions.ts';
import { rotateKeys } from './rotate-keys.ts';
import { schedules } from './schedules.ts';
import { suspend } from './suspend.ts';
import { verify } from './verify.ts';
import { wordList } from './word-list.ts';

export type AdminCommandName =
  | 'attachments'
  | 'audit'
  | 'backup'
  | 'create-account'
  | 'create-admin'
  | 'export'
  | 'export-user'
  | 'import'
  | 'import-users'
  | 'jobs'
  | 'limits'
  | 'load-people'
  | 'mint-token'
  | 'revoke-sessions'
  | 'rotate-keys'
  | 'schedules'
  | 'suspend'
  | 'verify'
  | 'word-list';

/** The commands that run in the server process. */
export const adminCommands: Readonly<Record<AdminCommandName, AdminCommand>> = {
  attachments,
  audit,
  backup,
  'create-account': createAccount,
  'create-admin': createAdmin,
  export: exportCommand,
  'export-user': exportUser,
  import: importCommand,
  'import-users': importUsers,
  jobs,
  limits,
  'load-people': loadPeople,
  'mint-token': mintToken,
  'revoke-sessions': revokeSessions,
  'rotate-keys': rotateKeys,
  schedules,
  suspend,
  verify,
  'word-list': wordList,
};

export const isAdminCommand = (name: string): name is AdminCommandName => Object.hasOwn(adminCommands, name);
