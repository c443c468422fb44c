import { permissions } from '@coucou/domain/conversations/permissions';
import { expect, it } from 'vitest';
import { permissionsPage } from './permissions.ts';

it("adds a feature's own actions to the core's, by the type of conversation", () => {
  const page = permissionsPage([permissions, { direct: { closePoll: [] }, group: { closePoll: ['owner', 'admin'] } }]);
  const [groups = '', direct = ''] = page.split('### Direct conversations');
  expect(groups).toMatch(/\| close poll +\| yes +\| yes +\| – +\| – +\|/);
  expect(direct).toMatch(/\| close poll +\| – +\| – +\| – +\| – +\|/);
  expect(groups).toMatch(/\| pin +\| yes +\| yes +\| yes +\| – +\|/);
});
