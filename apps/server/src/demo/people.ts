/** The people of the demonstration. Their passwords are known to everyone who reads this: never in production. */
export const people = ['alice', 'bob', 'carol', 'dan'] as const;
export type PersonName = (typeof people)[number];

const surnames: Readonly<Record<PersonName, string>> = { alice: 'Martin', bob: 'Okafor', carol: 'Lindqvist', dan: 'Reyes' };

export const seedPassword = (name: string): string => `coucou-${name.toLowerCase()}`;

export const signupOf = (name: PersonName) => ({
  username: name,
  email: `${name}@example.com`,
  password: seedPassword(name),
  displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)} ${surnames[name]}`,
});

type Script = Readonly<{
  title?: string;
  members: readonly [PersonName, PersonName, ...PersonName[]];
  lines: readonly (readonly [PersonName, string])[];
}>;

/** Who said what to whom; the first member opens the conversation. Without a title it is a direct one. */
export const scripts: readonly Script[] = [
  {
    members: ['alice', 'bob'],
    lines: [
      ['alice', 'Coucou Bob!'],
      ['bob', 'Hi Alice, you are up early.'],
      ['alice', 'The server is running. Answer me here, or in a terminal.'],
    ],
  },
  {
    members: ['alice', 'carol'],
    lines: [
      ['carol', 'Did you see the new office?'],
      ['alice', 'Not yet, I am there on Monday.'],
    ],
  },
  {
    members: ['bob', 'dan'],
    lines: [['dan', 'Are we still on for tonight?']],
  },
  {
    title: 'Lunch',
    members: ['alice', 'bob', 'carol', 'dan'],
    lines: [
      ['alice', 'Where do we eat today?'],
      ['carol', 'The noodle place?'],
      ['dan', 'Noodles, please.'],
      ['bob', 'I am in. At noon?'],
    ],
  },
  {
    title: 'Launch',
    members: ['bob', 'alice', 'carol'],
    lines: [
      ['bob', 'Nothing open on my side.'],
      ['carol', 'The texts are done as well.'],
    ],
  },
];
