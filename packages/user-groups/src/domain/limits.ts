/** Hard ceilings of user groups. */
export const userGroupLimits = {
  perAccount: 200,
  members: 100,
  /** Unicode code points. */
  name: 100,
  /** People whom one message mentions through groups. */
  mentioned: 100,
} as const;

/** What people write after an @, in lower case. `all` is everybody's. */
export const groupHandle = /^(?!all$)[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$/;
