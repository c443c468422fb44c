import { kept, type PersonalData } from '@coucou/postgres/schema/personal-data';

const stays = kept('part of the conversation, for those who are in it');

/** Polls are content of conversations: they stay, and so do the votes that are counted in them. */
export const pollPersonalData: PersonalData = {
  poll: {
    of: {
      created_by: {
        exported: {
          as: 'polls',
          by: 'id',
          // Without the counts: members see more than who has left.
          also: { options: `(select json_agg(o->>'text') from jsonb_array_elements(t.options) o)` },
        },
        erased: stays,
      },
    },
    personal: 'id conversation_id question multiple anonymous closes_at closed_at',
    withheld: 'options',
  },
  poll_vote: {
    of: { user_id: { exported: { as: 'pollVotes', by: 'poll_id option_id' }, erased: stays } },
    personal: 'poll_id option_id',
  },
};
