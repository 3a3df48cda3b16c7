# shellcheck shell=bash disable=SC2034
# Code that the scripts in deploy/ share.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "$*" >&2
  exit 1
}

need() { # COMMAND_OR_FILE WHAT HOW
  command -v "$1" >/dev/null || [[ -e $1 ]] || fail "This needs $2. Install it with  $3"
}

listening() { # PORT
  (: >"/dev/tcp/localhost/$1") 2>/dev/null
}
