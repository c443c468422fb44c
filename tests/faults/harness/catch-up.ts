import { until } from '../../support/until.ts';
import type { Device } from './device.ts';
import { readFinalState, readVersions } from './final-state.ts';
import type { Population } from './population.ts';

const CATCHING_UP_MS = 90_000;

/** Every device holds what the database held when this was asked; those whose person is no member any more, nothing of that conversation. */
export async function untilCaughtUp(
  { devices, adminUrl }: Readonly<{ devices: readonly Device[]; adminUrl: string }>,
  excused: ReadonlySet<string> = new Set(),
): Promise<void> {
  const versions = await readVersions(adminUrl);
  const { memberships } = await readFinalState(adminUrl);
  const members = memberships.filter(({ until: left }) => left === undefined);
  const lacking = () =>
    devices
      .filter(({ client }) => !excused.has(client))
      .flatMap((device) =>
        members
          .filter(({ user, conversation }) => user === device.user && (device.held(conversation) ?? 0) < (versions.get(conversation) ?? 0))
          .map(({ conversation }) => `${device.client} at ${device.held(conversation)} of ${versions.get(conversation)}`),
      );
  try {
    await until(() => lacking().length === 0, { timeoutMs: CATCHING_UP_MS, what: 'everybody to be complete' });
  } catch {
    throw new Error(`not complete within ${CATCHING_UP_MS} ms: ${lacking().slice(0, 5).join('; ')}`);
  }
}

/** The whole history of each of its groups. */
export async function readAll({ groups, membersOf }: Pick<Population, 'groups' | 'membersOf'>, device: Device): Promise<void> {
  for (const group of groups.filter((one) => membersOf(one).some(({ id }) => id === device.user))) {
    let after = 0;
    while (await device.read(group, after)) after += 100;
  }
}
