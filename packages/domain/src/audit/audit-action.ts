/** What a field of the details may be; with `?` it may be absent. */
type FieldTypes = { text: string; number: number; texts: readonly string[]; object: Readonly<Record<string, unknown>> };
type FieldType = keyof FieldTypes;
export type AuditFields = Readonly<Record<string, FieldType | `${FieldType}?`>>;

/** The details of an entry: plain values by name. No secret, nothing that somebody wrote. */
export type AuditDetails<F extends AuditFields = AuditFields> = {
  readonly [Name in keyof F as F[Name] extends FieldType ? Name : never]: FieldTypes[F[Name] & FieldType];
} & {
  readonly [Name in keyof F as F[Name] extends FieldType ? never : Name]?:
    | (F[Name] extends `${infer Type extends FieldType}?` ? FieldTypes[Type] : never)
    | undefined;
};

/** Something that can be done and leaves an entry in the audit log. */
export type AuditAction<F extends AuditFields = AuditFields> = Readonly<{
  /** Unique among all features, such as `user_suspended`. */
  name: string;
  /** Completes the sentence "somebody …". */
  did: string;
  /** What kind of thing it is done to, such as `user`; `account` is the account itself. */
  target: string;
  /** In a call without a session the person acts themself: they have just proven who they are. Otherwise nobody knows who acted there. */
  bySelf?: true;
  details: F;
}>;

type Definitions = Readonly<Record<string, Omit<AuditAction, 'name'>>>;

/** The actions of a feature, by name. */
export const defineAuditActions = <const D extends Definitions>(
  definitions: D,
): { readonly [Name in keyof D]: AuditAction<D[Name]['details']> } =>
  Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, { name, ...definition }])) as never;
