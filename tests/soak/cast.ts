import { plainClient, type SocketClient, socketIoClient } from '../support/clients.ts';
import { openGroup, type Person, signUp } from '../support/people.ts';

/** A few people to whom one thing after the other happens, in a group of their own. */
export type Cast = Readonly<{
  /** The nodes. */
  urls: readonly string[];
  owner: Person;
  member: Person;
  /** Joins and leaves the group. */
  guest: Person;
  group: string;
}>;

export async function openCast(urls: readonly string[]): Promise<Cast> {
  const [url = ''] = urls;
  const [owner, member, guest] = [await signUp(url, 'owner'), await signUp(url, 'member'), await signUp(url, 'guest')];
  const { id: group } = await openGroup(owner, [member]);
  return { urls, owner, member, guest, group };
}

/** Sockets that stay for the whole run: one of each transport at each node. What they are told is not kept. */
export async function connectResidents({ urls, owner, member }: Cast): Promise<SocketClient[]> {
  const sockets = urls.flatMap((url) => [
    plainClient(url, { token: owner.accessToken }),
    socketIoClient(url, { token: member.accessToken }),
  ]);
  for (const socket of sockets) {
    socket.events.record = () => {};
    await socket.connect();
  }
  return sockets;
}
