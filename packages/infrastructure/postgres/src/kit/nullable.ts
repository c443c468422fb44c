/** The domain says `undefined` where SQL says null. */
export const orUndefined = <T>(value: T | null): T | undefined => (value === null ? undefined : value);

/** A row that was read through JSON carries its times as text. */
export const instant = (value: Date | string): Date => (typeof value === 'string' ? new Date(value) : value);
export const instantOrUndefined = (value: Date | string | null): Date | undefined => (value === null ? undefined : instant(value));
