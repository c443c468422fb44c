/** A port's key: a symbol that carries the port's type. Declared beside the interface, under the same name. */
declare const VALUE: unique symbol;
export type Token<Value> = symbol & { readonly [VALUE]: Value };

export const token = <Value>(name: string): Token<Value> => Symbol(name) as unknown as Token<Value>;

export type Resolve = <Value>(token: Token<Value>) => Value;

/** A dependency made of other ports. What it needs is declared, so that a missing one is a start-up fault. */
export type Derived<Value> = Readonly<{
  needs: readonly Token<unknown>[];
  /** What it needs that exists inside a transaction only. */
  repositories?: readonly Token<unknown>[];
  make: (resolve: Resolve) => Value;
}>;

export type Dep<Value> = Token<Value> | Derived<Value>;
export type Deps = Readonly<Record<string, Dep<unknown>>>;
export type Ports<D extends Deps> = {
  readonly [Key in keyof D]: D[Key] extends Token<infer Value> ? Value : D[Key] extends Derived<infer Value> ? Value : never;
};

/** The tokens that must be provided for these dependencies. */
export const needsOf = (deps: Deps): readonly Token<unknown>[] =>
  Object.values(deps).flatMap((dep) => (typeof dep === 'symbol' ? [dep] : dep.needs));

/** The repositories that transactions must have for these dependencies. */
export const repositoriesOf = (deps: Deps): readonly Token<unknown>[] =>
  Object.values(deps).flatMap((dep) => (typeof dep === 'symbol' ? [] : (dep.repositories ?? [])));

export const resolvePorts = <D extends Deps>(deps: D, resolve: Resolve): Ports<D> =>
  Object.fromEntries(
    Object.entries(deps).map(([name, dep]) => [name, typeof dep === 'symbol' ? resolve(dep) : dep.make(resolve)]),
  ) as Ports<D>;
