-- Run once, by the superuser, on an empty server.
--   coucou_owner  owns the database and its tables; runs the migrations, and creates with CREATEROLE the NOLOGIN roles
--                 that they grant to the runtime login
--   coucou        what the server logs in as; owns nothing, so that row-level security binds it
-- Passwords come from the environment, so that none is written here.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv runtime_password RUNTIME_PASSWORD

CREATE ROLE coucou_owner LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE coucou LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'runtime_password';

CREATE DATABASE coucou OWNER coucou_owner;
REVOKE ALL ON DATABASE coucou FROM PUBLIC;
GRANT CONNECT ON DATABASE coucou TO coucou;
