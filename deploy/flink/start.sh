#!/usr/bin/env bash
# Start a Flink cluster on this machine: a JobManager, two TaskManagers with a worker pool each, and Beam's job server.
set -euo pipefail
# shellcheck source=deploy/flink/settings.sh
source "$(dirname "$0")/settings.sh"

main() {
  check_tools
  fetch_jars
  if compgen -G "$FLINK_RUN/*.pid" >/dev/null; then
    fail "A cluster was started from $FLINK_RUN: stop it first, with  deploy/flink/stop.sh"
  fi
  mkdir -p "$FLINK_RUN"/{logs,tmp}
  trap '"$flink/stop.sh"' EXIT # a start that fails or is interrupted leaves nothing behind
  trap 'exit 130' INT TERM
  echo "Starting the cluster (worker pools import torch: some twenty seconds) …"
  start_all
  await_all
  trap - EXIT
  tell
}

check_tools() {
  need curl curl "apt-get install curl"
  need java "Java 17 or newer" "apt-get install openjdk-17-jre-headless"
  need "$HF_BEAM" "hf-beam's Python side" "make install"
}

fetch_jars() {
  # The pom is copied last: where it lies beside the jars, they are complete, and those that it asks for.
  if cmp --silent "$flink/pom.xml" "$FLINK_LIB/pom.xml"; then
    return
  fi
  need mvn "Maven 3.8 or newer" "apt-get install maven"
  echo "Fetching Flink and Beam's job server into $FLINK_LIB (150 MB) …"
  rm -rf "$FLINK_LIB"
  mvn --batch-mode --quiet --file "$flink/pom.xml" dependency:copy-dependencies -DoutputDirectory="$FLINK_LIB"
  cp "$flink/pom.xml" "$FLINK_LIB/"
}

start_all() {
  local number
  local options=(
    --configDir "$flink/conf"
    -Djobmanager.rpc.port="$FLINK_RPC_PORT"
    -Drest.port="$FLINK_REST_PORT"
    -Dio.tmp.dirs="$FLINK_RUN/tmp"
  )
  for number in 1 2; do
    start_worker_pool "$number"
  done
  spawn_java job-manager -Xmx512m \
    org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint "${options[@]}"
  for number in 1 2; do
    spawn_java "task-manager-$number" -Xmx512m -Djdk.net.hosts.file="$FLINK_RUN/hosts-$number" \
      org.apache.flink.runtime.taskexecutor.TaskManagerRunner "${options[@]}" \
      -Dtaskmanager.resource-id="task-manager-$number"
  done
  spawn_java job-server -Xmx512m \
    org.apache.beam.runners.flink.FlinkJobServerDriver --flink-master="localhost:$FLINK_REST_PORT" \
    --flink-conf-dir="$flink/conf" --artifacts-dir="$FLINK_RUN/tmp/staged" \
    --job-port="$FLINK_JOB_PORT" --artifact-port="$FLINK_ARTIFACT_PORT" --expansion-port=-1
}

# A plan has one address of a worker pool for all TaskManagers. In a cluster each finds its own behind it, in the same
# pod or on the same host; here the name "worker-pool" leads each to another address of loopback.
start_worker_pool() { # NUMBER
  local address=127.0.0.$(($1 + 1))
  printf '%s\n' "127.0.0.1 localhost $(hostname)" "$address worker-pool" >"$FLINK_RUN/hosts-$1"
  spawn "worker-pool-$1" "$HF_BEAM" worker-pool --host "$address" --port "$WORKER_POOL_PORT" \
    --ready-file "$FLINK_RUN/worker-pool-$1.json"
}

spawn_java() { # NAME ARGUMENTS…
  local name=$1
  shift
  spawn "$name" java "@$flink/conf/jvm.options" -Djava.io.tmpdir="$FLINK_RUN/tmp" -cp "$FLINK_LIB/*" "$@"
}

spawn() { # NAME COMMAND…
  local name=$1
  shift
  # In a session of its own, which the signals of this terminal do not reach.
  setsid "$@" </dev/null >"$FLINK_RUN/logs/$name.log" 2>&1 &
  echo "$! $(start_time $!)" >"$FLINK_RUN/$name.pid"
}

await_all() {
  await worker-pool-1 test -e "$FLINK_RUN/worker-pool-1.json"
  await worker-pool-2 test -e "$FLINK_RUN/worker-pool-2.json"
  await job-manager task_managers "[0-2]"
  await task-manager-1 task_managers "[12]"
  await task-manager-2 task_managers 2
  await job-server listening "$FLINK_JOB_PORT"
}

await() { # NAME CHECK…
  local name=$1 deadline=$((SECONDS + 120))
  shift
  until "$@"; do
    if ! runs "$FLINK_RUN/$name.pid" || ((SECONDS > deadline)); then
      tail --lines=20 "$FLINK_RUN/logs/$name.log" >&2
      fail "The $name did not get ready: above are the last lines of $FLINK_RUN/logs/$name.log"
    fi
    sleep 0.5
  done
  echo "  $name is ready"
}

task_managers() { # COUNT: so many have registered with the JobManager
  curl --silent --fail "http://localhost:$FLINK_REST_PORT/overview" | grep --quiet "\"taskmanagers\":$1,"
}

tell() {
  cat <<END
A Flink cluster is running:
  dashboard         http://localhost:$FLINK_REST_PORT
  pipelines         --runner=PortableRunner --jobEndpoint=localhost:$FLINK_JOB_PORT
  hf-beam           hf-beam serve --environment external:worker-pool:$WORKER_POOL_PORT
  worker pools      127.0.0.2:$WORKER_POOL_PORT for TaskManager 1, 127.0.0.3:$WORKER_POOL_PORT for TaskManager 2
  logs              $FLINK_RUN/logs
Stop it with  deploy/flink/stop.sh
END
}

main
