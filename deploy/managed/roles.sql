-- Run once, by the administrator of a managed PostgreSQL: a login with CREATEROLE and CREATEDB that is no superuser.
--   coucou_owner  owns the database and its tables; runs the migrations, and creates with CREATEROLE the NOLOGIN roles
--                 that they grant to the runtime login
--   coucou        what the server logs in as; owns nothing, so that row-level security binds it
-- There is no coucou_backup: only a superuser may grant BYPASSRLS. Use the snapshots of the provider, and `pnpm cli restored` after a restore.
-- Passwords come from the environment, so that none is written here.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv runtime_password RUNTIME_PASSWORD

CREATE ROLE coucou_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE coucou LOGIN NOINHERIT PASSWORD :'runtime_password';

-- Who is no superuser makes a database for a role only as its member.
GRANT coucou_owner TO CURRENT_USER;
CREATE DATABASE coucou OWNER coucou_owner;
SET ROLE coucou_owner;
REVOKE ALL ON DATABASE coucou FROM PUBLIC;
GRANT CONNECT ON DATABASE coucou TO coucou;
RESET ROLE;
REVOKE coucou_owner FROM CURRENT_USER;
