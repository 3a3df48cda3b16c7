#!/usr/bin/env bash
# The program $GO_PROGRAM as a worker of its own pipeline, for a runner that starts workers as processes:
#   --worker_binary=PROGRAM --environment_type=PROCESS \
#   --environment_config='{"command": "deploy/flink/go-worker.sh", "env": {"GO_PROGRAM": "PROGRAM"}}'    (absolute paths)
set -euo pipefail

# A runner says more than a Go program understands.
options=(--worker=true)
for option in "$@"; do
  case $option in
    --id=* | --logging_endpoint=* | --control_endpoint=*) options+=("$option") ;;
  esac
done
exec "${GO_PROGRAM:?}" "${options[@]}"
