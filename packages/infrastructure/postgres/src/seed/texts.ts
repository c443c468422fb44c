import { createHash } from 'node:crypto';

/** Numbers that are the same for the same seed (mulberry32), so that two seeded databases hold the same. */
export function dice(seed: number): (sides: number) => number {
  let state = seed | 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

export type Dice = ReturnType<typeof dice>;

/** A UUIDv8 (RFC 9562) derived from a name: seeding again yields the same ids. */
export function idOf(...names: readonly (string | number)[]): string {
  const hex = createHash('sha256')
    .update(['coucou seed', ...names].join('\n'))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A UUIDv7, which begins with its time: as the application makes them, so that an index grows at its end. */
export function timedIdOf(at: number, ...names: readonly (string | number)[]): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = idOf(...names);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(15)}`;
}

const one = <T>(roll: Dice, of: readonly [T, ...T[]]): T => of[roll(of.length)] ?? of[0];

const openings = [
  'Morning all,',
  'Quick one:',
  'FYI,',
  'Hm,',
  'Good news:',
  'Sorry,',
  'By the way,',
  'Update:',
  'Question:',
  'Also,',
] as const;
const subjects = [
  'the release',
  'the migration',
  'our invoice',
  'the new office',
  'the train',
  'lunch',
  'the customer',
  'the build',
  'ticket',
  'the report',
  'the prototype',
  'your review',
] as const;
const verbs = [
  'is ready',
  'needs another look',
  'moved to Thursday',
  'failed again',
  'looks great',
  'is on its way',
  'was cancelled',
  'works on my machine',
  'is blocked',
  'can wait until Monday',
] as const;
const endings = [
  'thanks!',
  'any ideas?',
  'see you there.',
  'no hurry.',
  'let me know 👍',
  'I am on it.',
  'details tomorrow.',
  'who can help?',
] as const;
const others = [
  'Je suis en retard, désolé – j’arrive dans dix minutes.',
  'Können wir das morgen früh noch einmal ansehen?',
  'ありがとうございます。確認しました。',
  '明天下午三点开会，可以吗？',
  'Спасибо, посмотрю сегодня вечером.',
  '¿Alguien tiene el enlace de la reunión?',
  '👍',
  'ok',
  'On it.',
  '+1',
] as const;
/** Few enough that a search for one must find what is rare among many. */
const rare = ['quetzal', 'theodolite', 'marzipan', 'zeppelin', 'obsidian'] as const;

/** What somebody may have said. */
export function sentence(roll: Dice): string {
  if (roll(5) === 0) return one(roll, others);
  const body = `${one(roll, openings)} ${one(roll, subjects)} ${one(roll, verbs)}`;
  const number = roll(4) === 0 ? ` (#${roll(90_000) + 1_000})` : '';
  const link = roll(40) === 0 ? ` https://example.com/t/${roll(100_000)}` : '';
  const word = roll(2_000) === 0 ? ` Remember the ${one(roll, rare)}.` : '';
  const more = roll(12) === 0 ? ` ${Array.from({ length: 4 }, () => `${one(roll, subjects)} ${one(roll, verbs)}`).join('; ')}.` : '';
  return `${body}${number}, ${one(roll, endings)}${link}${word}${more}`;
}

const given = [
  'Amina',
  'Ben',
  'Chiara',
  'Deniz',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaja',
  'Luca',
  'Mei',
  'Noor',
  'Olga',
  'Paul',
  'Quinn',
  'Rosa',
  'Sven',
  'Tomás',
  'Uma',
  'Vera',
  'Wanda',
  'Yuki',
  'Zoë',
] as const;
const family = [
  'Adeyemi',
  'Bauer',
  'Costa',
  'Dubois',
  'Eriksen',
  'Fischer',
  'García',
  'Haddad',
  'Ivanova',
  'Jansen',
  'Kowalski',
  'Lindqvist',
  'Müller',
  'Nakamura',
  'Okafor',
  'Petrov',
  'Rossi',
  'Silva',
  'Tanaka',
  'Weber',
] as const;

export const personName = (roll: Dice): string => `${one(roll, given)} ${one(roll, family)}`;
export const emoji = (roll: Dice): string => one(roll, ['👍', '❤️', '😂', '🎉', '👀', '🙏']);
export const titleOf = (roll: Dice, number: number): string =>
  `${one(roll, ['Team', 'Project', 'Support', 'Planning', 'Friends of'])} ${one(roll, family)} ${number}`;
