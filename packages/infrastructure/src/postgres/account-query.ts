import type { AccountId } from '@coucou/domain/kernel/ids';
import pg from 'pg';
import type { Access } from './session.ts';

const NAMES: Readonly<Record<Access, string>> = { read: 'read_in_account', write: 'write_in_account' };

/** Once per connection: what is bound in front of every statement in an account. */
export const PREPARE_ACCOUNTS = `
  prepare ${NAMES.read}(text) as select set_config('app.account_id', $1, true), set_config('transaction_read_only', 'on', true);
  prepare ${NAMES.write}(text) as select set_config('app.account_id', $1, true)`;

type Config = Readonly<{ account: AccountId; access: Access; text: string; values: readonly unknown[]; name: string | undefined }>;
type Callback = (error: Error | undefined, result: pg.QueryResult) => void;

/** The part of a query that the driver calls, and that its types leave out. */
type Driven = {
  submit(connection: pg.Connection): Error | null;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
};
const Driven = pg.Query as unknown as new (config: object, callback: Callback) => Driven;

/**
 * One statement in one account. What lies between two syncs of the extended protocol is one transaction, so the account is set in front
 * of the statement, for as long as this transaction lasts, without a `begin` and a `commit` to parse, answer and wake up for.
 */
export class AccountQuery extends Driven {
  readonly #account: AccountId;
  readonly #setting: string;
  #isSet = false;

  constructor({ account, access, text, values, name }: Config, callback: Callback) {
    // The extended protocol even where there are no values.
    super({ text, values, name, queryMode: 'extended' }, callback);
    this.#account = account;
    this.#setting = NAMES[access];
  }

  override submit(connection: pg.Connection): Error | null {
    connection.stream.cork();
    try {
      connection.bind({ statement: this.#setting, values: [this.#account] }, true);
      connection.execute({}, true);
      return super.submit(connection);
    } finally {
      connection.stream.uncork();
    }
  }

  override handleDataRow(message: unknown): void {
    if (this.#isSet) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    if (this.#isSet) super.handleCommandComplete(message, connection);
    else this.#isSet = true;
  }
}
