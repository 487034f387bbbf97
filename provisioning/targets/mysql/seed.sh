#!/bin/bash
# Run once by the images of MySQL and MariaDB, in their first start: databases, an event that grows one, the login that measures.
set -eu
password="$(cat "${TARGETS_PASSWORD_FILE:-/run/secrets/targets_password}")"
client="$(command -v mariadb || command -v mysql)"

# MariaDB calls the privilege for the binary log by another name.
case "$("$client" --version)" in
  *MariaDB*) log_privilege='BINLOG MONITOR' ;;
  *) log_privilege='REPLICATION CLIENT' ;;
esac

"$client" --user=root --password="$password" ${MYSQL_SOCKET:+--socket="$MYSQL_SOCKET"} <<SQL
CREATE USER tidemark IDENTIFIED BY '$password';
GRANT PROCESS, SHOW DATABASES, SELECT, $log_privilege ON *.* TO tidemark;
CREATE DATABASE shop;
CREATE DATABASE archive;
USE shop;
CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, placed_at timestamp DEFAULT CURRENT_TIMESTAMP, content text);
INSERT INTO orders (content) VALUES (REPEAT(MD5(RAND()), 30)), (REPEAT(MD5(RAND()), 30)), (REPEAT(MD5(RAND()), 30));
CREATE EVENT grow ON SCHEDULE EVERY 1 MINUTE DO
  INSERT INTO orders (content) SELECT REPEAT(MD5(RAND()), 30) FROM information_schema.columns LIMIT 2000;
USE archive;
CREATE TABLE orders AS SELECT REPEAT(MD5(RAND()), 30) AS content FROM information_schema.columns LIMIT 2000;
SQL
