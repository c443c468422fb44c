import type { ColumnType } from 'kysely';

/** Read back as a value, written as JSON text: drivers differ in how they serialise objects. */
export type Json<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null, string | null>;
