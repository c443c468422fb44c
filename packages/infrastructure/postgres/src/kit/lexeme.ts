/** A lexeme as PostgreSQL reads it, in a tsvector or a tsquery. */
export const lexeme = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
