-- The login with which Grafana's dashboard of accounts asks PostgreSQL. Run by a superuser in the migrated database, once:
--   GRAFANA_READER_PASSWORD=… psql postgres://postgres@db.internal/coucou --file deploy/grafana/accounts.sql
-- It sees all accounts (BYPASSRLS), of each table the columns that are counted, and nothing that anybody wrote.
\set ON_ERROR_STOP on
\getenv reader_password GRAFANA_READER_PASSWORD

CREATE ROLE coucou_grafana LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS CONNECTION LIMIT 4 PASSWORD :'reader_password';
ALTER ROLE coucou_grafana SET default_transaction_read_only = on;
ALTER ROLE coucou_grafana SET statement_timeout = '10s';
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO coucou_grafana', current_database()); END $$;
GRANT USAGE ON SCHEMA public TO coucou_grafana;

GRANT SELECT (account_id, name, client_key, created_at, suspended_at) ON account TO coucou_grafana;
GRANT SELECT (account_id, last_seen_at, deleted_at) ON app_user TO coucou_grafana;
GRANT SELECT (account_id, last_seq) ON conversation_head TO coucou_grafana;
GRANT SELECT (account_id, size, status) ON attachment TO coucou_grafana;
GRANT SELECT (account_id, due_at, dead_at) ON outbox TO coucou_grafana;
