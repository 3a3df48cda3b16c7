#!/usr/bin/env bash
# Start a Flink cluster on this machine: a JobManager, two TaskManagers with one worker pool each, and Beam's job server.
set -euo pipefail
# shellcheck source=deploy/flink/settings.sh
source "$(dirname "$0")/settings.sh"

main() {
  check_tools
  fetch_jars
  if compgen -G "$FLINK_RUN/*.pid" >/dev/null; then
    fail "A cluster is already running from $FLINK_RUN. Stop it first with  deploy/flink/stop.sh"
  fi
  mkdir -p "$FLINK_RUN"/{logs,tmp}
  trap '"$flink/stop.sh"' EXIT # leave nothing behind if the start fails or is interrupted
  trap 'exit 130' INT TERM
  echo "Starting the cluster (about twenty seconds, because worker pools import torch) …"
  start_all
  await_all
  trap - EXIT
  tell
}

check_tools() {
  need curl curl "apt-get install curl"
  need java "Java 17 or newer" "apt-get install openjdk-17-jre-headless"
  need "$HF_BEAM" "hf-beam's Python packages" "make install"
}

fetch_jars() {
  # The pom is copied last. If it is the same next to the jars, the jars are complete and up to date.
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

# A pipeline has one worker pool address for all TaskManagers. In a cluster, each TaskManager finds its own pool at this address,
# in the same pod or on the same host. Here, the name "worker-pool" resolves to a different loopback address for each.
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
  # Start it in a new session, so that it does not receive the signals of this terminal.
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
      fail "The $name did not become ready. The lines above are the end of $FLINK_RUN/logs/$name.log"
    fi
    sleep 0.5
  done
  echo "  $name is ready"
}

task_managers() { # COUNT: check that this number of TaskManagers has registered with the JobManager
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
