/**
 * `unnest` of parameters such as `$1::uuid[]`, whose lengths the planner does not see. Where it sees them, a plan for these very arrays looks
 * cheaper than the one that is kept, and PostgreSQL plans a prepared statement anew at each call: 2 ms where running it takes 0.3.
 */
export const unnestGiven = (...arrays: readonly string[]): string => `unnest(${arrays.map((array) => `(select ${array})`).join(', ')})`;
