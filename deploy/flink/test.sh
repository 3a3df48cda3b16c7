#!/usr/bin/env bash
# Run the search from Java and Go on a Flink cluster of two TaskManagers and on the embedded runner, and compare the results.
set -euo pipefail
# shellcheck source=deploy/testing.sh
source "$(dirname "$0")/../testing.sh"

flink=$root/deploy/flink
work=$(mktemp --directory --tmpdir hf-beam-flink-XXXX)
started=() # ids of processes in the background

main() {
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  choose_ports
  "$flink/start.sh"
  say "Starting a service for the cluster, and one with the embedded runner …"
  start_services
  check_searches
  check_task_managers
  check_stopping
}

clean_up() {
  local code=$?
  if ((${#started[@]})); then
    kill "${started[@]}" 2>/dev/null || true
    wait "${started[@]}" || true
  fi
  "$flink/stop.sh" >/dev/null
  close "$code" "$work"/*.log "$FLINK_RUN"/logs/*.log || code=1
  rm -rf "$work"
  exit $code
}

# Use free ports, so that the cluster does not interfere with another one on this machine.
choose_ports() {
  local ports
  read -ra ports <<<"$(free_ports 5)"
  export FLINK_RUN=$work/flink FLINK_REST_PORT=${ports[0]} FLINK_RPC_PORT=${ports[1]} FLINK_JOB_PORT=${ports[2]}
  export FLINK_ARTIFACT_PORT=${ports[3]} WORKER_POOL_PORT=${ports[4]}
}

start_services() {
  model=$(packaged_model)
  serve flink --environment "external:worker-pool:$WORKER_POOL_PORT"
  serve embedded --worker-pool-port 0 --runner-port 0
  becomes test -e "$work/flink.json" || fail "The service for the cluster did not become ready."
  becomes test -e "$work/embedded.json" || fail "The service with the embedded runner did not become ready."
}

serve() { # NAME OPTIONS…
  "$root/.venv/bin/hf-beam" serve --port 0 --allow-model "$model" --ready-file "$work/$1.json" "${@:2}" \
    >"$work/$1.log" 2>&1 &
  started+=($!)
}

address() { # SERVICE SERVER
  "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/$1.json" "$2"
}

check_searches() {
  some_definitions 20 >"$work/definitions.jsonl"
  build_go_example "$work/semanticsearch"
  local data=("$model" "$work/definitions.jsonl")
  local embedded on_flink
  # Go's LOOPBACK works with one TaskManager only: both give their workers the same names, and it accepts each name once.
  local go_workers=(
    --worker_binary="$work/semanticsearch"
    --environment_type=PROCESS
    --environment_config="{\"command\": \"$work/go-worker\", \"env\": {\"GO_PROGRAM\": \"$work/semanticsearch\"}}"
  )
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$flink/go_worker.py" >"$work/go-worker"
  chmod +x "$work/go-worker"
  embedded=("$(address embedded runner)" "$(address embedded address)")
  on_flink=("localhost:$FLINK_JOB_PORT" "$(address flink address)")
  check "Java finds the terms, on the embedded runner" \
    search_in_java "${embedded[@]}" "${data[@]}" "$work/embedded.jsonl"
  check "Java finds the terms, on Flink" \
    search_in_java "${on_flink[@]}" "${data[@]}" "$work/java.jsonl"
  check "Go finds the terms, on Flink" \
    search_in_go "$work/semanticsearch" "${on_flink[@]}" "${data[@]}" "$work/go.jsonl" "${go_workers[@]}"
  check "Java's results on Flink equal those of the embedded runner" same java
  check "Go's results on Flink equal those of the embedded runner" same go
}

same() { # LANGUAGE
  "$python" "$flink/compare.py" "$work/$1.jsonl" "$work/embedded.jsonl"
}

check_task_managers() {
  check "both TaskManagers embedded texts, in each job" \
    "$python" "$flink/task_managers.py" "http://localhost:$FLINK_REST_PORT" Infer
  check "each TaskManager had workers of its own pool" workers_in_both_pools
}

workers_in_both_pools() {
  grep --quiet "started worker" "$FLINK_RUN/logs/worker-pool-1.log" &&
    grep --quiet "started worker" "$FLINK_RUN/logs/worker-pool-2.log"
}

check_stopping() {
  check "stop.sh stops the cluster" "$flink/stop.sh"
  check "only the logs of the cluster are left" nothing_left
}

nothing_left() {
  ! pgrep --full "$FLINK_RUN/" && [[ $(ls "$FLINK_RUN") == logs ]]
}

main
