import { type ConversationType, type MemberRole, mayBy, type PermissionTable } from '@coucou/domain/conversations/permissions';
import type { Surface } from '@coucou/domain/blocks/block-rules';
import { type Relation, Relations, relations, surfaces } from '@coucou/domain/users/relations';

const roles: readonly MemberRole[] = ['owner', 'admin', 'moderator', 'member'];

const relationTitles: Readonly<Record<Relation, string>> = {
  self: 'oneself',
  friend: 'friend',
  fellow: 'fellow member',
  stranger: 'stranger',
  blocks: 'one blocked them',
  blockedBy: 'they blocked one',
};

const surfaceTitles: Readonly<Record<Surface, string>> = {
  directConversation: 'open a direct conversation',
  message: 'post in the direct conversation',
  invite: 'invite',
  addToGroup: 'add to a group',
  friendRequest: 'send a friend request',
  presence: 'see presence and last seen',
  typing: 'see typing',
  receipts: 'see receipts',
  search: 'find by search',
  messageSearch: 'find what they wrote by search',
  mention: 'mention',
  notification: 'be notified of what they did',
  profile: 'see the profile',
  profileUpdate: 'receive changes of the profile',
};

/** `addMember` → `add member` */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const mark = (allowed: boolean): string => (allowed ? 'yes' : '–');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

const conversationTable = (permissionTables: readonly PermissionTable[], type: ConversationType): string =>
  table(
    ['action', ...roles],
    permissionTables.flatMap((of) =>
      Object.keys(of[type]).map((action) => [words(action), ...roles.map((role) => mark(mayBy(of, type, role, action)))]),
    ),
  );

/** Who may do what, as the tables of all features say. */
export const permissionsPage = (permissions: readonly PermissionTable[]): string => `# Who may do what

Written from the tables that the code itself reads (\`pnpm generate\`).

## One person reaches for another

A block outweighs whatever else two people are to each other, and whoever was blocked gets nothing of the one who blocked them. The answer
is then the one for a person who does not exist. A direct conversation that is there already stays to be read.
(\`packages/domain/src/users/relations.ts\`; what a block does: \`packages/domain/src/blocks/block-rules.ts\`)

${table(
  ['', ...relations.map((relation) => relationTitles[relation])],
  surfaces.map((surface) => [surfaceTitles[surface], ...relations.map((relation) => mark(Relations.reaches(surface, relation)))]),
)}

Someone who is a friend already is not asked again: \`ALREADY_FRIENDS\`.

## A member acts in a conversation

Acting on another member takes a higher role than theirs besides; owners may act on anyone. (\`packages/domain/src/conversations/permissions.ts\`; what a feature adds: its own \`permissions\`)

### Groups

${conversationTable(permissions, 'group')}

### Direct conversations

${conversationTable(permissions, 'direct')}
`;
