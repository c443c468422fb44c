/** A conversation by its key, as faults name it. */
export const inConversation = (alias: string): string => `'conversation ' || ${alias}.conversation_id || `;
