/** What the operations of each tag are about; one is the first part of an operation's name. */
const descriptions: Readonly<Record<string, string>> = {
  attachments: 'Files: announced, sent, completed and read.',
  auth: 'Sign-up, login, tokens and sessions.',
  bans: 'People who may not come back to a conversation.',
  blocks: 'Blocking users.',
  conversations: 'Direct conversations and groups: made, found, changed and left.',
  drafts: 'Texts that are not sent yet, on all devices of a person.',
  forwards: 'Messages passed on to other conversations.',
  friends: 'Friend requests and friends.',
  inbox: 'Conversations as work of support agents: status, assignee, labels.',
  invites: 'Codes by which people join a group.',
  members: 'People in a conversation, their roles and mutes.',
  membership: 'One’s own place in a conversation: archived, pinned, muted, unread.',
  messages: 'Messages: sent, listed, searched, edited and deleted.',
  notifications: 'What concerns a person, besides plain messages.',
  pins: 'Messages pinned in a conversation.',
  polls: 'Questions with options to vote for.',
  preferences: 'How a person wants the service to be.',
  presence: 'Who is online.',
  reactions: 'Emoji on messages.',
  receipts: 'How far each member has received and read.',
  reports: 'Messages and people reported to moderators.',
  sync: 'What has changed since a client last looked.',
  threads: 'Replies gathered under a message.',
  users: 'People, their profiles and how they are found.',
  system: 'The server itself: health, keys and documents.',
};

export type Tag = Readonly<{ name: string; description: string }>;

/** The tag of a feature; one that the core does not know is described by its name. */
export const tagOf = (name: string): Tag => ({ name, description: descriptions[name] ?? `The operations of ${name}.` });
