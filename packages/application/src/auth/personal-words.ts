import type { User } from '@coucou/domain/users/user';

/** What a password of this person must not be. */
export const personalWords = ({ username, displayName, email }: Pick<User, 'username' | 'displayName' | 'email'>): readonly string[] => [
  username,
  displayName,
  ...(email === undefined ? [] : [email, email.slice(0, email.lastIndexOf('@'))]),
];
