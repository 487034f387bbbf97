#!/bin/sh
# Makes the secrets that docker-compose.yml reads, in ./secrets beside it. What is there stays as it is.
set -eu
folder="$(dirname "$0")/../secrets"
umask 077
mkdir -p "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# The containers read them as users of their own.
write() {
  if [ ! -e "$folder/$1" ]; then
    printf '%s' "$2" > "$folder/$1"
    echo "made secrets/$1"
  fi
  chmod 644 "$folder/$1"
}

write repository_password "$(random)"
write database_url "postgresql://tidemark:$(cat "$folder/repository_password")@repository:5432/tidemark"
write admin_token "tmk_$(random)"
write encryption_key "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
write grafana_password "$(random)"
# SQL Server asks for capitals and small letters, digits and signs, Oracle for one that begins with a letter.
write targets_password "Tm-$(random | cut -c1-20)"
# Nobody else on this machine enters the folder.
chmod 700 "$folder"
