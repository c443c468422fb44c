# Sourced by the image's entrypoint before 10-roles.sql, which reads the passwords from the environment; so they are in that of nobody else.
for role in owner runtime backup; do
  password=$(cat "${SECRETS:-/run/secrets}/${role}_password")
  case $role in
    owner) export OWNER_PASSWORD="$password" ;;
    runtime) export RUNTIME_PASSWORD="$password" ;;
    backup) export BACKUP_PASSWORD="$password" ;;
  esac
done
