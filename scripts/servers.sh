#!/usr/bin/env bash
# The checks of databases, mail and SSH are tested against real servers. Installed by apt where that is possible; the tests start
# and stop them by themselves, each in a directory of its own. Prints what tests need to know: TEST_SERVERS.
set -euo pipefail

packages=()
[ -d /usr/lib/postgresql ] || packages+=(postgresql)
command -v mariadbd >/dev/null || packages+=(mariadb-server)
command -v redis-server >/dev/null || packages+=(redis-server)
[ -x /usr/sbin/sshd ] || packages+=(openssh-server)
[ -x /usr/sbin/postfix ] || packages+=(postfix)
command -v openssl >/dev/null || packages+=(openssl)

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "==> Servers for the tests: ${packages[*]}" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "Tests against real servers are left out; they need ${packages[*]} and root." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
  fi
fi
# They give up the rights of root, so they are only started by root.
[ "$(id -u)" = 0 ] && echo 1
exit 0
