import { createDice } from '../../support/dice.ts';
import { openGroup, type Person, signInAgain, signUp } from '../../support/people.ts';
import { createDevice, type Device } from './device.ts';
import { createRecorder, type Recorder } from './recorder.ts';

/** People with two devices each, in groups of theirs, and the log of what their devices do and are told. */
export type Population = Readonly<{
  owner: Person;
  people: readonly Person[];
  /** Groups of the owner's: the first has everybody. */
  groups: readonly string[];
  membersOf: (group: string) => readonly Person[];
  devices: readonly Device[];
  recorder: Recorder;
  random: () => number;
}>;

export type PopulationOptions = Readonly<{
  /** The nodes. */
  urls: readonly string[];
  /** Devices: each person has two, at different nodes and on different transports. */
  clients: number;
  seed: number;
}>;

const SMALL_GROUP = 4;

/** Signs everybody up and opens their groups. The devices are not started. */
export async function populate({ urls, clients, seed }: PopulationOptions): Promise<Population> {
  const [url = ''] = urls;
  const people: Person[] = [];
  for (let at = 0; at < Math.max(2, clients / 2); at += 1) people.push(await signUp(url, `person${at}`));
  const [owner, ...others] = people;
  if (owner === undefined) throw new Error('nobody is there');
  const members = new Map<string, readonly Person[]>();
  const open = async (of: readonly Person[]) => {
    const { id } = await openGroup(owner, of);
    members.set(id, [owner, ...of]);
  };
  await open(others);
  for (let at = 0; at < others.length; at += SMALL_GROUP) await open(others.slice(at, at + SMALL_GROUP));

  const recorder = createRecorder();
  // What a seed chooses is the same each time, though no two runs of real processes are.
  const random = createDice(seed);
  const devices: Device[] = [];
  for (const [at, person] of people.entries()) {
    for (const [home, transport] of [
      [at % urls.length, 'websocket'],
      [(at + 1) % urls.length, 'socket.io'],
    ] as const) {
      const session = home === at % urls.length ? person : await signInAgain(url, person);
      devices.push(createDevice({ client: `${person.name} ${transport}`, person: session, home, transport, urls, recorder, random }));
    }
  }
  return { owner, people, groups: [...members.keys()], membersOf: (group) => members.get(group) ?? [], devices, recorder, random };
}
