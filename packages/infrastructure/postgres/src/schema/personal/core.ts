import { conversationData } from './conversations.ts';
import { peopleData } from './people.ts';
import type { PersonalData } from '../personal-data.ts';

/** What is of nobody: accounts and what they decide, the deployment, and what is on its way. */
const serverData: PersonalData = {
  account: { plain: 'name client_key created_at settings suspended_at limits limits_changed_at' },
  deployment: { plain: 'one epoch place probed_at' },
  signing_key: { plain: 'kid generation algorithm public_jwk sealed_private_jwk created_at signs_from' },
  // Facts are ids and plain values, and go when they are delivered. Mails name an address: those that were given up go with the person.
  outbox: { plain: 'id type payload created_at due_at attempts last_error dead_at stored_by claimed_by running_since dedup_key progress' },
  outbox_worker: { plain: 'id lease_until' },
  node_run: { plain: 'id node seen_at redis_id version' },
  // Of the account.
  mail_template: { ids: 'updated_by', plain: 'kind locale subject text html updated_at' },
  // Of the server's own work: counts, and what went wrong.
  schedule: {
    plain:
      'name timing due_at run_at attempts runner node started_at lease_until last_node last_started_at last_ended_at last_error last_report',
  },
  word_rule: { plain: 'word action' },
  moderation_rule: { plain: 'id kind threshold window_seconds about allowed_hosts action mute_seconds enabled created_at updated_at' },
};

/** The core's tables. A feature's own stand in its schema set (`SchemaSet.personalData`). */
export const corePersonalData: PersonalData = { ...peopleData, ...conversationData, ...serverData };
