import { cleared, deleted, ended, kept, type PersonalData } from '../personal-data.ts';

/** Conversations stay readable for those who are in them: what was said stays, and so do the traces that others see of who said it. */
const stays = kept('part of the conversation, for those who are in it');

export const conversationData: PersonalData = {
  conversation: {
    of: {
      created_by: { erased: stays },
      direct_lower: { erased: stays },
      direct_higher: { erased: stays },
      assignee_id: { erased: ended('unassigned, and the inbox is told') },
    },
    personal: 'title description avatar_url custom labels created_at',
    plain: `id type visibility settings first_seq trimmed_version member_count changed_version slow_mode_seconds status deleted_at`,
  },
  conversation_head: { plain: 'conversation_id last_seq version receipts_version access_version countable active_at era' },
  member: {
    of: {
      user_id: {
        via: 'joined_at',
        exported: {
          as: 'conversations',
          by: 'conversation_id',
          // Of a conversation that they have left, what they knew of it is not what it is now.
          also: {
            conversation: `(select json_strip_nulls(json_build_object('type', c.type, 'title', c.title, 'description', c.description)) from conversation c
              where c.account_id = t.account_id and c.id = t.conversation_id and t.left_at is null and c.deleted_at is null)`,
            with: `(select json_build_object('id', p.id, 'username', p.username, 'displayName', p.display_name)
              from conversation c join app_user p on p.account_id = c.account_id
                and p.id = case when c.direct_lower = t.user_id then c.direct_higher else c.direct_lower end
              where c.account_id = t.account_id and c.id = t.conversation_id and c.type = 'direct'
                and not exists (select from block b where b.account_id = p.account_id and b.blocker_id = p.id and b.blocked_id = $1))`,
          },
        },
        // They have left by then: what others see of it stays.
        erased: cleared({
          unread_from_seq: 'null',
          notify_muted_until: 'null',
          notify: `'all'`,
          archived: 'false',
          pinned: 'false',
          last_posted_at: 'null',
        }),
      },
    },
    personal: `conversation_id role joined_at left_at joined_seq delivered_seq read_seq unread_from_seq posting_muted_until notify_muted_until notify archived pinned last_posted_at`,
    plain: 'unread_base own_since receipts_at version joined_version mark_writes era',
  },
  ban: {
    of: { user_id: { erased: deleted() }, banned_by: { erased: kept('what a moderator did') } },
    withheld: 'reason',
    plain: 'conversation_id created_at expires_at',
  },
  invite: {
    of: { created_by: { via: 'created_at', exported: { as: 'invites', by: 'code' }, erased: stays } },
    personal: 'conversation_id created_at expires_at max_uses uses revoked_at',
    withheld: 'code',
  },
  message: {
    of: {
      sender_id: {
        via: 'client_message_id',
        exported: { as: 'messages', by: 'client_message_id', through: 'member' },
        erased: ended('stays, but where nobody is left to read it'),
      },
    },
    personal: `id conversation_id seq client_message_id type content data reply_to_seq thread_root_seq mentions mention_all attachment_ids forwarded created_at edited_at deleted_at`,
    // Of a poll in it, members see more than who has left.
    withheld: 'parts request_hash',
    ids: 'pinned_by',
    plain: 'reactions reply_count last_reply_seq pinned_at count_seq version expires_at',
  },
  message_edit: {
    of: {
      edited_by: {
        via: 'edited_at',
        exported: { as: 'earlierContents', by: 'conversation_id seq version' },
        erased: deleted(),
      },
    },
    personal: 'conversation_id seq version content edited_at',
  },
  message_search: {
    of: { sender_id: { erased: kept('goes with its message') } },
    withheld: 'folded terms',
    plain: 'conversation_id seq created_at',
  },
  mention: { of: { user_id: { erased: deleted() } }, plain: 'conversation_id seq' },
  reaction: {
    of: { user_id: { via: 'created_at', exported: { as: 'reactions', by: 'conversation_id seq emoji' }, erased: stays } },
    personal: 'conversation_id seq emoji created_at',
  },
  hide: {
    of: { user_id: { exported: { as: 'hiddenMessages', by: 'conversation_id seq' }, erased: deleted() } },
    personal: 'conversation_id seq',
  },
  thread_mark: {
    of: { user_id: { exported: { as: 'threadMarks', by: 'conversation_id root_seq' }, erased: deleted() } },
    personal: 'conversation_id root_seq read_seq',
  },
  draft: {
    of: { user_id: { exported: { as: 'drafts', by: 'conversation_id' }, erased: deleted() } },
    personal: 'conversation_id content reply_to_id updated_at',
  },
  scheduled_message: {
    of: { sender_id: { via: 'created_at', exported: { as: 'scheduledMessages', by: 'id' }, erased: deleted() } },
    personal: `id owner conversation_id status type content data reply_to_id thread_root_id attachment_ids mentions mention_all expires_in_seconds starts_at next_at rrule time_zone created_at updated_at`,
    plain: 'revision refusals refusal',
  },
  attachment: {
    of: {
      owner_id: {
        via: 'created_at',
        exported: { as: 'uploads', by: 'id' },
        erased: ended('what a message uses stays with it, all else goes with its file'),
      },
    },
    personal: 'id name type size width height status created_at',
    withheld: 'upload_key storage_key thumbnail_key',
    plain: 'quota_bytes',
  },
  attachment_use: { plain: 'attachment_id conversation_id seq' },
};
