/**
 * The version of a row, as text: the transaction that wrote it last (`xmin`). Every committed change of the row gives another one, and it never comes
 * back within the life of a database (its epoch) but after four thousand million transactions. It says nothing of which row that is: one transaction
 * may write many. `x` is the row's alias.
 */
export const rowVersion = (x: string): string => `${x}.xmin::text`;
