import { cleared, deleted, ended, kept, type PersonalData } from '../personal-data.ts';

/** What a username is after the deletion: nobody can sign up with one as long. */
const DELETED_NAME = `'deleted-' || replace(id::text, '-', '')`;

/** Of what others did: not where they were, unless nobody knows who they were. */
const ownTrace = (column: string): string => `case when t.actor_id = $1 or t.actor_kind = 'anonymous' then t.${column} end`;

/** People: who they are, how they sign in, and what they are to each other. */
export const peopleData: PersonalData = {
  app_user: {
    of: {
      id: {
        exported: { as: 'profile', by: 'id' },
        erased: cleared(
          {
            username: DELETED_NAME,
            username_key: DELETED_NAME,
            email: 'null',
            email_key: 'null',
            external_id: 'null',
            email_verified: 'false',
            display_name: `'Deleted user'`,
            display_name_key: `''`,
            name_grams: `''`,
            avatar_url: 'null',
            bio: 'null',
            custom: 'null',
            role: `'member'`,
            password_hash: 'null',
            last_seen_at: 'null',
            username_changed_at: 'null',
          },
          'at once',
        ),
      },
    },
    personal:
      'username email external_id email_verified display_name avatar_url bio custom role created_at last_seen_at suspended_at muted_until username_changed_at',
    withheld: 'username_key email_key display_name_key name_grams password_hash',
    plain: 'user_version security_version deleted_at',
  },
  held_name: {
    of: { user_id: { exported: { as: 'formerNames', by: 'kind key' }, erased: deleted('at last') } },
    personal: 'kind name held_until',
    withheld: 'key',
    plain: 'security_version',
  },
  preference: {
    of: { user_id: { exported: { as: 'preferences', by: 'user_id' }, erased: deleted() } },
    personal: 'settings updated_at',
  },
  user_event: {
    of: { user_id: { exported: { as: 'feed', by: 'version' }, erased: deleted() } },
    personal: 'version kind payload created_at',
  },
  session: {
    of: { user_id: { exported: { as: 'sessions', by: 'id' }, erased: deleted('at last') } },
    personal: 'id ip user_agent method created_at last_used_at expires_at revoked_at revoked_for',
    withheld: 'token_hash previous_hash sealed_successor',
    plain: 'rotation rotated_at used_rotation key_thumbprint',
  },
  connection_log: {
    // As long as sessions: whoever stole an account and deletes it removes no traces of it.
    of: { user_id: { exported: { as: 'connections', by: 'id' }, erased: deleted('at last') } },
    personal: 'id session_id transport ip user_agent connected_at ended_at end_reason',
    plain: 'run_id node',
  },
  mail_suppression: {
    of: { user_id: { exported: { as: 'returnedMail', by: 'id' }, erased: deleted() } },
    personal: 'id address reason suppressed_at expires_at',
    withheld: 'address_key last_message',
    plain: 'soft_bounces',
  },
  presence_log: {
    of: { user_id: { exported: { as: 'presence', by: 'at id' }, erased: deleted() } },
    personal: 'id status at',
  },
  identity: {
    of: { user_id: { exported: { as: 'identities', by: 'id' }, erased: deleted('at once') } },
    personal: 'id issuer subject email created_at last_used_at',
  },
  audit_entry: {
    of: {
      // What they did.
      actor_id: {
        called: 'actor',
        exported: { as: 'acts', by: 'at id', also: { ip: ownTrace('ip'), userAgent: ownTrace('user_agent') } },
        // Its rows are there for good. Where from stays until the end, so that a thief who deletes what they stole leaves traces.
        erased: { is: 'cleared', stage: 'at last', by: 'system', to: { ip: `''`, user_agent: `''`, origin_salt: 'null' } },
      },
      target_id: {
        called: 'target',
        exported: { as: 'auditLog', by: 'at id', also: { ip: ownTrace('ip'), userAgent: ownTrace('user_agent') } },
        erased: { is: 'cleared', stage: 'at last', by: 'system', to: { details: `'{}'`, details_salt: 'null' } },
      },
    },
    personal: 'id action session_id details at actor_kind target_type',
    withheld: 'ip user_agent',
    plain: 'request_id origin_salt details_salt',
  },
  // Hashes of entries, and of salted values.
  audit_seal: { plain: 'number entry_id previous_hash origin_digest details_digest sealed_at hash' },
  audit_unsealed: { plain: 'entry_id' },
  erasure: {
    of: { user_id: { erased: kept('that and when they were erased') } },
    ids: 'requested_by',
    plain: 'id requested_at stage step erased due_at lease_until failures finished_at',
  },
  export_lease: { of: { user_id: { erased: deleted() } }, plain: 'id lease_until' },
  // Keys of the account, whoever made them.
  api_key: {
    ids: 'created_by',
    plain: 'id name scopes secret_hash previous_hash previous_until created_at expires_at last_used_at revoked_at',
  },
  // Of the account.
  external_issuer: {
    plain: 'id issuer jwks_url audiences algorithms claims sign_up max_token_seconds rank version created_at updated_at',
  },
  totp: {
    of: { user_id: { exported: { as: 'authenticatorApps', by: 'user_id' }, erased: deleted('at once') } },
    personal: 'created_at confirmed_at',
    withheld: 'sealed_secret last_step',
  },
  recovery_code: { of: { user_id: { erased: deleted('at once') } }, withheld: 'code_hash' },
  passkey: {
    of: { user_id: { exported: { as: 'passkeys', by: 'id' }, erased: deleted('at once') } },
    personal: 'id name transports backed_up created_at last_used_at',
    withheld: 'credential_id public_key counter',
  },
  // Copies of answers, which say what other tables say, and go within a day and a bit by themselves.
  idempotency_record: { of: { caller_id: { erased: deleted() } }, withheld: 'key fingerprint body', plain: 'status expires_at' },
  // Random ids of secrets, which are forgotten a day after they expired.
  claim: { plain: 'purpose key expires_at' },
  block: {
    of: {
      blocker_id: { exported: { as: 'blocks', by: 'blocked_id' }, erased: deleted() },
      blocked_id: { erased: kept('the list of whoever blocked them') },
    },
    personal: 'created_at',
  },
  friendship: {
    of: {
      lower_id: {
        called: 'friend',
        exported: { as: 'friends', by: 'since higher_id' },
        erased: ended('the friend is told, as when it is removed'),
      },
      higher_id: { called: 'friend', exported: { as: 'friends', by: 'since lower_id' }, erased: ended('as the other') },
    },
    personal: 'since',
  },
  friend_request: {
    of: {
      from_id: {
        exported: { as: 'friendRequests', by: 'id', few: true },
        erased: ended('one that waits is cancelled; the answered ones are of both'),
      },
      to_id: {
        exported: { as: 'friendRequests', by: 'id', few: true },
        erased: ended('one that waits is declined; the answered ones are of both'),
      },
    },
    personal: 'id status created_at responded_at',
  },
  notification: {
    of: {
      user_id: { exported: { as: 'notifications', by: 'id' }, erased: deleted() },
      actor_id: { called: 'actor', erased: kept('what others were notified of') },
    },
    personal: 'id kind conversation_id message_id seq friend_request_id scheduled_message_id created_at read_at',
    plain: 'once',
  },
  report: {
    of: {
      reporter_id: { via: 'created_at', exported: { as: 'reports', by: 'id' }, erased: kept('a complaint about somebody else') },
      user_id: { called: 'reported', erased: kept('the evidence that somebody reported, which deleting oneself does not remove') },
    },
    personal: 'id kind message_id conversation_id reason created_at',
    withheld: 'snapshot status decision note decided_at muted_until',
    ids: 'assignee_id decided_by',
    plain: 'seq rule_id',
  },
};
