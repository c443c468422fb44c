/** A port's key: a symbol that carries the port's type. Declared beside the interface, under the same name. */
declare const VALUE: unique symbol;
export type Token<Value> = symbol & { readonly [VALUE]: Value };

export const token = <Value>(name: string): Token<Value> => Symbol(name) as unknown as Token<Value>;

export type Deps = Readonly<Record<string, Token<unknown>>>;
export type Ports<D extends Deps> = { readonly [Key in keyof D]: D[Key] extends Token<infer Value> ? Value : never };
