/** The ids of what there is to damage: four conversations, and two people. */
export type Scene = Readonly<Record<'notes' | 'group' | 'direct' | 'trimmed' | 'bob' | 'carol', string>>;

const inNotes = ({ notes }: Scene) => `conversation_id = '${notes}'`;
const inGroup = ({ group }: Scene) => `conversation_id = '${group}'`;
/** As if a message had never been: with its search entry, which would lead nowhere. */
const without = (place: string) => `delete from message_search where ${place}; delete from message where ${place}`;

/**
 * The one check that finds it, and what it says. `notes` has 5 messages; of the 8 of `group` 2 is a reply to 1, 3 mentions carol, 4 has a picture,
 * 5 has two reactions, an edit and a pin, and 8 a poll; bob has read up to 3. Of the 7 of `trimmed` 6 and 7 are kept.
 */
export const damages: Readonly<Record<string, (scene: Scene) => readonly [check: string, what: RegExp, damage: string]>> = {
  'a message that is gone': (scene) => ['message-numbers', /: message 4 follows 2$/, without(`${inNotes(scene)} and seq = 3`)],
  'a first message that is gone': (scene) => ['message-numbers', /: message 2 follows 0$/, without(`${inNotes(scene)} and seq = 1`)],
  'a last message that is gone': (scene) => [
    'message-numbers',
    /: its last message is 4, and the last number that was given out is 5$/,
    without(`${inNotes(scene)} and seq = 5`),
  ],
  'a message that is gone behind those that were trimmed': (scene) => [
    'message-numbers',
    /: message 7 follows 5$/,
    without(`conversation_id = '${scene.trimmed}' and seq = 6`),
  ],
  'a message that counts wrongly': (scene) => [
    'countable-messages',
    /: message 2 counts 7, and should count 2$/,
    `update message set count_seq = 7 where ${inNotes(scene)} and seq = 2; update message set count_seq = 8 where ${inNotes(scene)} and seq = 3;
      update message set count_seq = 9 where ${inNotes(scene)} and seq = 4; update message set count_seq = 10 where ${inNotes(scene)} and seq = 5;
      update conversation_head set countable = 10 where ${inNotes(scene)}; update member set unread_base = 10 where ${inNotes(scene)}`,
  ],
  'a conversation that counts wrongly': (scene) => [
    'countable-messages',
    / counts 9 messages, and its last one 5$/,
    `update conversation_head set countable = 9 where ${inNotes(scene)}; update member set unread_base = 9 where ${inNotes(scene)}`,
  ],
  'a time that goes back': (scene) => [
    'message-times',
    /: message 3 is older than the one before it$/,
    `update message set created_at = created_at - interval '1 day' where ${inNotes(scene)} and seq = 3;
      update message_search set created_at = created_at - interval '1 day' where ${inNotes(scene)} and seq = 3`,
  ],
  'a conversation with another time than its last message': (scene) => [
    'message-times',
    / was active at .+, and its last message is of /,
    `update conversation_head set active_at = active_at + interval '1 day' where ${inNotes(scene)}`,
  ],
  'a message with a version that was not given out': (scene) => [
    'versions',
    /: message 5 has version 99, and the conversation 6$/,
    `update message set version = 99 where ${inNotes(scene)} and seq = 5`,
  ],
  'a member with a version that was not given out': (scene) => [
    'versions',
    /: member \S+ has version 99, and the conversation 6$/,
    `update member set version = 99 where ${inNotes(scene)}`,
  ],
  'two messages with one version': (scene) => [
    'versions',
    /: message \d has version 5, as another has$/,
    `update message set version = 5 where ${inNotes(scene)} and seq = 5`,
  ],
  'an edit that is newer than its message': (scene) => [
    'versions',
    /: message 5 was edited in version 99, and has version \d+$/,
    `update message_edit set version = 99 where ${inGroup(scene)}`,
  ],
  'a thread that counts wrongly': (scene) => [
    'threads',
    /: message 1 counts 2 replies up to 2, and there are 1 up to 2$/,
    `update message set reply_count = 2 where ${inGroup(scene)} and seq = 1`,
  ],
  'a reply whose thread is gone': (scene) => [
    'threads',
    /: there are replies to message 1, which is not there$/,
    `delete from message where conversation_id = '${scene.trimmed}' and seq = 1`,
  ],
  'a reply to a later message': (scene) => [
    'threads',
    /: message 2 refers to a later one$/,
    `update message set reply_to_seq = 4 where ${inNotes(scene)} and seq = 2`,
  ],
  'a reaction that is not counted': (scene) => [
    'reactions',
    /: message 5 counts 1 reactions with 👍, and there are 2$/,
    `update message set reactions = '{"👍": 1}' where ${inGroup(scene)} and seq = 5`,
  ],
  'a reaction that is gone': (scene) => [
    'reactions',
    /: message 5 counts 2 reactions with 👍, and there are 0$/,
    `delete from reaction where ${inGroup(scene)}`,
  ],
  'a mention that is gone': (scene) => [
    'mentions',
    /: message 3 mentions \S+, and it is not counted$/,
    `delete from mention where ${inGroup(scene)}`,
  ],
  'a mention that nobody made': (scene) => [
    'mentions',
    /: message 3 does not mention \S+, and it is counted$/,
    `update message set mentions = '{}' where ${inGroup(scene)} and seq = 3`,
  ],
  'an attachment that is not known to be used': (scene) => [
    'attachments',
    /: message 4 and attachment \S+: the message has it, and is not among its uses$/,
    `delete from attachment_use where ${inGroup(scene)}`,
  ],
  'an attachment that its message does not have': (scene) => [
    'attachments',
    /the message is among its uses, and does not have it$/,
    `update message set attachment_ids = '{}' where ${inGroup(scene)} and seq = 4`,
  ],
  'a search entry of a deleted message': (scene) => [
    'search-entries',
    /: the search entry of message 2 is of a deleted message$/,
    `update message set deleted_at = now() where ${inNotes(scene)} and seq = 2`,
  ],
  'a conversation without a head': (scene) => [
    'conversations',
    /^conversation \S+ has 0 heads$/,
    `insert into conversation (account_id, id, type, settings, created_by, created_at, member_count, changed_version)
      select account_id, gen_random_uuid(), type, settings, created_by, created_at, 0, 1 from conversation where id = '${scene.notes}'`,
  ],
  'somebody who is in a conversation twice': (scene) => [
    'conversations',
    / has \S+ 2 times$/,
    `insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version, mark_writes, left_at)
      select account_id, conversation_id, user_id, role, joined_at, 0, 0, 0, 0, 1, mark_writes + 900, now() from member where ${inNotes(scene)}`,
  ],
  'a third in a direct conversation': (scene) => [
    'conversations',
    /^the direct conversation \S+ has \S+ as a third$/,
    `insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version, left_at)
      select account_id, conversation_id, '${scene.carol}', role, joined_at, 0, 0, 0, 0, 1, now() from member
      where conversation_id = '${scene.direct}' and user_id = '${scene.bob}'`,
  ],
  'members that are counted wrongly': (scene) => [
    'member-counts',
    / counts 9 members, and has 3$/,
    `update conversation set member_count = 9 where id = '${scene.group}'`,
  ],
  'a mark beyond the last message': (scene) => [
    'marks',
    / pass its last message or its receipts$/,
    `update member set delivered_seq = 99 where ${inNotes(scene)}`,
  ],
  'an unread count that is wrong': (scene) => [
    'unread-counts',
    /: for \S+ 5 messages are unread after 3, and there are 4$/,
    `update member set own_since = own_since - 1 where ${inGroup(scene)} and user_id = '${scene.bob}'`,
  ],
  'a feed with a gap': (scene) => [
    'feeds',
    /^the feed of \S+: entry 3 follows 1$/,
    `delete from user_event where user_id = '${scene.bob}' and version = 2`,
  ],
  'a feed that ends too early': (scene) => [
    'feeds',
    /^the feed of \S+ ends at \d+, and its version is 99$/,
    `update app_user set user_version = 99 where id = '${scene.bob}'`,
  ],
  'a notification of another message': (scene) => [
    'notifications',
    /^notification \S+ of \S+ names another message than it is of$/,
    `update notification set message_id = gen_random_uuid() where user_id = '${scene.carol}' and kind = 'mention'`,
  ],
  'a log of somebody who is nobody': (scene) => [
    'people',
    /^message \S+ was pinned by \S+, who is nobody in the account$/,
    `update message set pinned_by = gen_random_uuid() where ${inGroup(scene)} and seq = 5`,
  ],
  'an audit entry that waits for its seal and is gone': () => [
    'audit-queue',
    / waits for its seal, and is not there$/,
    `insert into audit_unsealed select account_id, gen_random_uuid() from account limit 1`,
  ],
  'a reference to nothing': (scene) => [
    'references',
    /^draft \(account_id, conversation_id\) = \(.+\) is not in conversation$/,
    `insert into draft (account_id, user_id, conversation_id, content, updated_at) select account_id, id, gen_random_uuid(), 'x', now() from app_user where id = '${scene.bob}'`,
  ],
  'a reference to another account': (scene) => [
    'references',
    /^draft \(account_id, conversation_id\) = /,
    `insert into account (account_id, name, client_key, created_at) values (gen_random_uuid(), 'Other', 'other', now());
      insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
        select account_id, '${scene.bob}', 'b', 'b', 'b', 'member', now() from account where client_key = 'other';
      insert into draft (account_id, user_id, conversation_id, content, updated_at)
        select account_id, '${scene.bob}', '${scene.group}', 'x', now() from account where client_key = 'other'`,
  ],
  'a table that is not isolated': () => [
    'isolation',
    /^the table draft is not under forced row-level security$/,
    'alter table draft no force row level security',
  ],
  'a table whose policy is gone': () => ['isolation', /^the table draft is not under/, 'drop policy account_isolation on draft'],
  'a foreign key across accounts': () => [
    'isolation',
    /^the foreign key draft_across of draft lets a row refer to one of another account$/,
    `create unique index across on conversation (id); alter table draft add constraint draft_across foreign key (conversation_id) references conversation (id)`,
  ],
  'an index that is not valid': () => [
    'indexes',
    /^the index member_version is not valid/,
    `update pg_index set indisvalid = false where indexrelid = 'member_version'::regclass`,
  ],
  'a constraint that was never validated': () => [
    'constraints',
    /^the constraint never of draft is not validated$/,
    `alter table draft add constraint never check (content <> '') not valid`,
  ],
  'a trigger that is off': () => ['constraints', /^the trigger \S+ of message is off$/, 'alter table message disable trigger user'],
  'a database without an epoch': () => ['deployment', /^the table deployment has 0 rows$/, 'delete from deployment'],
  'a schema of another version': () => [
    'schema',
    /^coucou\/functions\/messages\/append-messages is to be applied/,
    `update schema_function set hash = 'another' where name = 'messages/append-messages'`,
  ],
  'a poll that counts wrongly': () => ['poll-votes', /^poll \S+ counts 1 votes for 1, and there are 0$/, 'delete from poll_vote'],
  'messages that are removed and not trimmed': (scene) => [
    'retention',
    /: messages are removed up to 6, and kept from 6$/,
    `update retention set removed_to = 6 where conversation_id = '${scene.trimmed}'`,
  ],
  'an archive of messages that are kept': () => [
    'retention',
    /^archive \S+ holds messages up to 7, and they are kept from 6$/,
    `update retention_archive set last_seq = 7`,
  ],
  'a saved message that is another one': () => [
    'saved-messages',
    /^message \S+, saved by \S+, is another one or of no conversation$/,
    'update saved_message set message_id = gen_random_uuid()',
  ],
};
