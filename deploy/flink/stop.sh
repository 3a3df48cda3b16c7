#!/usr/bin/env bash
# Stop only the processes that start.sh started. Keep the logs.
set -euo pipefail
# shellcheck source=deploy/flink/settings.sh
source "$(dirname "$0")/settings.sh"

main() {
  local pid_files=("$FLINK_RUN"/*.pid)
  if [[ ! -e ${pid_files[0]} ]]; then
    echo "No cluster is running from $FLINK_RUN."
    return
  fi
  signal_all TERM "${pid_files[@]}"
  if ! ended_within 30 "${pid_files[@]}"; then
    signal_all KILL "${pid_files[@]}"
    ended_within 10 "${pid_files[@]}" || fail "Some processes of $FLINK_RUN/*.pid could not be stopped."
  fi
  rm -rf "$FLINK_RUN"/{*.pid,*.json,hosts-*,tmp}
  echo "Stopped ${#pid_files[@]} processes. Their logs are in $FLINK_RUN/logs"
}

signal_all() { # SIGNAL PID_FILE…
  local signal=$1 pid_file id
  shift
  for pid_file in "$@"; do
    if runs "$pid_file"; then
      read -r id _ <"$pid_file"
      kill -"$signal" "$id" 2>/dev/null || true # it may have ended already
    fi
  done
}

ended_within() { # SECONDS PID_FILE…
  local deadline=$((SECONDS + $1)) pid_file
  shift
  for pid_file in "$@"; do
    while runs "$pid_file"; do
      ((SECONDS < deadline)) || return 1
      sleep 0.2
    done
  done
}

main
