/** Operation names come from the client: bounded before they are echoed or logged. */
const LONGEST = 100;

export const shortName = (name: string): string => name.slice(0, LONGEST);
