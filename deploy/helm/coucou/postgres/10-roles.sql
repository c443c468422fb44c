-- Run once, by the superuser, on an empty server.
--   coucou_owner  owns the database and its tables; runs the migrations, and creates with CREATEROLE the NOLOGIN roles
--                 that they grant to the runtime login
--   coucou        what the server logs in as; owns nothing, so that row-level security binds it
--   coucou_backup reads every row, whatever row-level security says, and writes none; for `pnpm cli backup`
-- Passwords come from the environment, so that none is written here.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv runtime_password RUNTIME_PASSWORD
\getenv backup_password BACKUP_PASSWORD

CREATE ROLE coucou_owner LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE coucou LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'runtime_password';
CREATE ROLE coucou_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO coucou_backup;

CREATE DATABASE coucou OWNER coucou_owner;
REVOKE ALL ON DATABASE coucou FROM PUBLIC;
GRANT CONNECT ON DATABASE coucou TO coucou, coucou_backup;
