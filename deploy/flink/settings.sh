# shellcheck shell=bash
# The settings that start.sh and stop.sh share. Each can be set as an environment variable.

flink=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/common.sh
source "$flink/../common.sh"

# Everything listens on loopback.
FLINK_REST_PORT=${FLINK_REST_PORT:-8081}         # Flink's REST interface and dashboard
FLINK_RPC_PORT=${FLINK_RPC_PORT:-6123}           # JobManager, for its TaskManagers
FLINK_JOB_PORT=${FLINK_JOB_PORT:-8099}           # Beam's job server: the --jobEndpoint of a pipeline
FLINK_ARTIFACT_PORT=${FLINK_ARTIFACT_PORT:-8098} # Beam's job server, for the artifacts of a pipeline
WORKER_POOL_PORT=${WORKER_POOL_PORT:-50000}      # the same for both TaskManagers, at different addresses

HF_BEAM=${HF_BEAM:-$root/.venv/bin/hf-beam}
FLINK_LIB=${FLINK_LIB:-$root/.cache/flink/lib} # jars, fetched once
FLINK_RUN=${FLINK_RUN:-$root/.cache/flink/run} # process ids, logs, temporary files

# Check that the process of a pid file is still running. The start time excludes a later process with the same id.
runs() {
  local id started
  read -r id started <"$1" && [[ $started == "$(start_time "$id")" ]]
}

start_time() {
  sed 's/(.*)//' "/proc/$1/stat" 2>/dev/null | cut --delimiter=' ' --fields=22
}
