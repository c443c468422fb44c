import { reauthenticate, reauthenticationPorts } from '../auth/reauthenticate.ts';
import { useCase } from '../kernel/use-case.ts';
import { deletePerson, deletionPorts } from './delete-person.ts';

/** With the password, or, without one, soon after signing in. */
export const deleteMe = useCase({
  name: 'users.deleteMe',
  deps: { ...deletionPorts, ...reauthenticationPorts },
  async run(ports, { password }: Readonly<{ password?: string | undefined }>, call) {
    await reauthenticate(ports, call, password);
    return deletePerson(ports, { person: call.actor.userId }, call);
  },
});
