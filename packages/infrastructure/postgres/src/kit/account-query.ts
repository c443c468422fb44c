import type { AccountId } from '@coucou/domain/kernel/ids';
import pg from 'pg';
import type { Access, Rows } from './session.ts';

const NAMES: Readonly<Record<Access, string>> = { read: 'read_in_account', write: 'write_in_account' };

/** Prepared once per connection and executed in front of every statement in an account. */
export const PREPARE_ACCOUNTS = `
  prepare ${NAMES.read}(text) as select set_config('app.account_id', $1, true), set_config('transaction_read_only', 'on', true);
  prepare ${NAMES.write}(text) as select set_config('app.account_id', $1, true)`;

type Config = Readonly<{ account: AccountId; access: Access; text: string; values: readonly unknown[]; name: string }>;
type TypeId = Parameters<typeof pg.types.getTypeParser>[0];
type Field = Readonly<{ name: string; dataTypeID: TypeId }>;
/** How the rows of a statement are read. */
type Shape = Readonly<{
  columns: readonly Column[];
  /** A template row of nulls: copies share one hidden class, with all columns. */
  empty: Readonly<Record<string, unknown>>;
}>;
/** Without `parse`, the text is the value. */
type Column = Readonly<{ name: string; type: TypeId; parse: ((text: string) => unknown) | undefined }>;

/** The internal methods of a query that the driver calls and its types omit. */
type Driven = {
  submit(connection: pg.Connection): Error | null;
  prepare(connection: pg.Connection): void;
  handleRowDescription(message: Readonly<{ fields: readonly Field[] }>): void;
  handleDataRow(message: Readonly<{ fields: readonly (string | null)[] }>): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
};
const Driven = pg.Query as unknown as new (config: object, callback: (error: Error | null, result: pg.QueryResult) => void) => Driven;

const verbatim: unknown = pg.types.getTypeParser(pg.types.builtins.TEXT);
const columnOf = ({ name, dataTypeID: type }: Field): Column => {
  const parse = pg.types.getTypeParser(type);
  return { name, type, parse: parse === verbatim ? undefined : parse };
};

const NO_COLUMNS: Shape = { columns: [], empty: {} };
const shapes = new Map<string, Shape>();

function shapeOf(statement: string, fields: readonly Field[]): Shape {
  const known = shapes.get(statement);
  const isSame = ({ name, type }: Shape['columns'][number], at: number) => fields[at]?.name === name && fields[at].dataTypeID === type;
  if (known?.columns.length === fields.length && known.columns.every(isSame)) return known;
  const shape = {
    columns: fields.map(columnOf),
    empty: Object.fromEntries(fields.map(({ name }) => [name, null])),
  };
  shapes.set(statement, shape);
  return shape;
}

/**
 * One statement in one account. What lies between two syncs of the extended protocol is one transaction, so the account is set in front
 * of the statement, for as long as this transaction lasts, without a `begin` and a `commit` to parse, answer and wake up for.
 *
 * Reads its rows itself: the driver makes a new kind of object for every answer, which costs as much as the rows of a page.
 */
class AccountQuery<R> extends Driven {
  readonly #config: Config;
  readonly #rows: Record<string, unknown>[] = [];
  #shape: Shape = NO_COLUMNS;
  #isSet = false;
  #unreadable: unknown;

  constructor(config: Config, resolve: (rows: Rows<R>) => void, reject: (error: unknown) => void) {
    const { text, values, name } = config;
    super({ text, values, name }, (error, result) => {
      const failure = error ?? this.#unreadable;
      if (failure) reject(failure);
      else resolve({ rows: this.#rows as R[], rowCount: result.rowCount ?? 0 });
    });
    this.#config = config;
  }

  /** Called once the driver has found nothing wrong with the statement: what is bound without a sync behind it would go before the next one. */
  override prepare(connection: pg.Connection): void {
    connection.bind({ statement: NAMES[this.#config.access], values: [this.#config.account] }, true);
    connection.execute({}, true);
    super.prepare(connection);
  }

  override handleRowDescription({ fields }: Readonly<{ fields: readonly Field[] }>): void {
    this.#shape = shapeOf(this.#config.name, fields);
  }

  override handleDataRow({ fields }: Readonly<{ fields: readonly (string | null)[] }>): void {
    if (!this.#isSet) return;
    try {
      const { columns, empty } = this.#shape;
      const row: Record<string, unknown> = { ...empty };
      for (let at = 0; at < fields.length; at += 1) {
        const text = fields[at];
        if (typeof text !== 'string') continue;
        const column = columns[at];
        if (column !== undefined) row[column.name] = column.parse === undefined ? text : column.parse(text);
      }
      this.#rows.push(row);
    } catch (error) {
      // An exception here would end the process.
      this.#unreadable ??= error;
    }
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    if (this.#isSet) super.handleCommandComplete(message, connection);
    else this.#isSet = true;
  }
}

export const askInAccount = <R>(client: pg.ClientBase, config: Config): Promise<Rows<R>> =>
  new Promise((resolve, reject) => {
    client.query(new AccountQuery<R>(config, resolve, reject));
  });
