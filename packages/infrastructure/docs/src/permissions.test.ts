import { expect, it } from 'vitest';
import { permissionsDocument } from './permissions.ts';

it("keeps docs/permissions.md the code's own (write it anew with --update)", async () => {
  await expect(permissionsDocument()).toMatchFileSnapshot('../../../../docs/permissions.md');
});
