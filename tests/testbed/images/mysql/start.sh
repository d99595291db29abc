#!/bin/sh
# What the official image does: secrets from files, the first start without TCP, the server as an account without rights.
set -e
for name in MYSQL_PASSWORD MYSQL_ROOT_PASSWORD; do
  file=$(printenv "${name}_FILE") || continue
  export "$name=$(cat "$file")"
  unset "${name}_FILE"
done
if [ "$(id -u)" = 0 ]; then
  mkdir -p /var/run/mysqld /var/lib/mysql /var/lib/mysql-files
  find /var/run/mysqld /var/lib/mysql /var/lib/mysql-files ! -user mysql -exec chown mysql: {} +
  exec setpriv --reuid mysql --regid mysql --clear-groups "$0" "$@"
fi
if [ ! -d /var/lib/mysql/mysql ]; then
  if [ -z "$MYSQL_ROOT_PASSWORD" ]; then
    echo "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified" >&2
    exit 1
  fi
  mysqld --initialize-insecure --default-time-zone=SYSTEM
  mysqld --daemonize --skip-networking --default-time-zone=SYSTEM --log-error=/var/lib/mysql-files/first.log
  mysql --no-defaults --user=root --socket=/var/run/mysqld/mysqld.sock <<SQL
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;
CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
GRANT ALL ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
CREATE USER 'root'@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
SQL
  MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysqladmin --no-defaults --user=root --socket=/var/run/mysqld/mysqld.sock shutdown
fi
exec mysqld "$@"
