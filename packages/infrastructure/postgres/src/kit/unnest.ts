/**
 * `unnest` of array parameters such as `$1::uuid[]`, as subqueries, so that the planner estimates the same number of rows for a custom plan as
 * for the generic one. Where it knows the length of a short array, the custom plan looks cheaper, and PostgreSQL plans the prepared statement at
 * each call: 2 ms where executing it takes 0.3.
 */
export const unnestGiven = (...arrays: readonly string[]): string => `unnest(${arrays.map((array) => `(select ${array})`).join(', ')})`;
