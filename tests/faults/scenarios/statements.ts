/** How statements look on the wire to PostgreSQL: an append is one prepared statement that commits by itself, a transaction ends by a `commit`. */
export const isAppend = (sent: Buffer): boolean => sent.includes('\0append\0');
export const isCommit = (sent: Buffer): boolean => sent.includes('commit\0');
