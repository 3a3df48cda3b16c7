#!/usr/bin/env bash
# Build the Dockerfile without a container engine, run the images as their user, and run the search examples with them.
# Run it as root, on your own Debian machine. It installs the tools that it needs.
set -euo pipefail
# shellcheck source=deploy/testing.sh
source "$(dirname "$0")/../testing.sh"

cache=${HF_BEAM_IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hf-beam/image} # shared by all clones of this repository
work=$(mktemp --directory --tmpdir hf-beam-image-XXXX)
base=localhost/hf-beam-base
model=/models/all-MiniLM-L6-v2 # in the containers
policy=/etc/hf-beam/policy.yaml
started=()                     # ids of processes in the background

main() {
  ((EUID == 0)) || fail "Run this test as root: building an image without a container engine needs it."
  mkdir -p "$cache/tmp"
  exec {lock}>"$cache/lock"
  flock --nonblock "$lock" || fail "Another test is using $cache. Wait until it ends, or set HF_BEAM_IMAGE_CACHE."
  trap clean_up EXIT
  trap 'exit 130' INT TERM

  install_tools
  use_own_storage
  build_base
  local content
  content=$(content_hash)
  build service "$content"
  build worker "$content"

  create_containers "$content"
  start_all
  check_images
  check_health
  check_searches
  check_stopping
}

clean_up() {
  local code=$?
  if ((${#started[@]})); then
    kill "${started[@]}" 2>/dev/null || true # buildah stops the processes in its container
    wait "${started[@]}" 2>/dev/null || true
  fi
  buildah rm --all >/dev/null || true
  close "$code" "$work"/*.log || code=1
  rm -rf "$work"
  exit $code
}

# --- building --------------------------------------------------------------------------------------------------------

install_tools() {
  if command -v buildah >/dev/null && command -v debootstrap >/dev/null; then
    return
  fi
  say "Installing buildah and debootstrap …"
  apt-get update -qq
  apt-get install --yes --no-install-recommends -qq buildah debootstrap >"$work/apt.log" 2>&1
}

# Keep the images in our cache, separate from the machine's own images. The runroot must not survive a reboot, because
# mounts do not.
use_own_storage() {
  cat >"$work/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$cache/storage"
runroot = "/run/hf-beam-image"
END
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
}

has_image() {
  buildah inspect --type image "$1" >/dev/null 2>&1
}

# This image replaces python:3.11-slim-bookworm, which is not available from a package registry.
build_base() {
  if has_image $base; then
    return
  fi
  say "Building a Debian base image with Python (about a minute) …"
  local container files
  container=$(buildah from scratch)
  files=$(buildah mount "$container")
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$files" \
    >"$work/debootstrap.log" 2>&1
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" $base >/dev/null
}

# Print a hash of everything that goes into an image: the files that .dockerignore includes, and the tools that build them.
content_hash() {
  local included
  cd "$root"
  mapfile -t included < <(sed --quiet 's/^!//p' .dockerignore)
  {
    find Dockerfile .dockerignore "${included[@]}" -type f -not -path '*/__pycache__/*' -print0 |
      sort --zero-terminated | xargs --null sha256sum
    go version
  } | sha256sum | cut --characters=1-16
}

build() { # TARGET CONTENT
  local image=localhost/hf-beam-$1
  if has_image "$image:$2"; then
    say "The image $1 with this content already exists."
    return
  fi
  say "Building the image $1 (a few minutes) …"
  local options=(
    --build-arg BASE="$base"
    # The same base, with this machine's Go mounted where the golang images have it.
    --build-arg GO_BASE="$base"
    --volume "$(go env GOROOT):/usr/local/go:ro"
  )
  # If registries are reached through a proxy, this machine trusts certificates that the base image does not have.
  local certificates=${SSL_CERT_FILE:-${PIP_CERT:-}}
  if [[ $certificates ]]; then
    options+=(--volume "$certificates:/etc/ssl/certs/ca-certificates.crt:ro")
  fi
  # Use Docker's format, because the OCI format has no health check. The cache of the Go build is in TMPDIR.
  TMPDIR=$cache/tmp buildah bud --format docker --isolation chroot --network host "${options[@]}" \
    --target "$1" --tag "$image:$2" "$root" >"$work/build-$1.log" 2>&1
  remove_other_versions "$image" "$2"
}

remove_other_versions() { # IMAGE CONTENT
  local id tag
  buildah images --noheading --filter reference="$1" --format '{{.ID}} {{.Tag}}' | while read -r id tag; do
    [[ $tag == "$2" ]] || buildah rmi "$id" >/dev/null
  done
}

# --- running ---------------------------------------------------------------------------------------------------------

create_containers() { # CONTENT
  local ports
  read -ra ports <<<"$(free_ports 5)"
  echo "models: [$model]" >"$work/policy.yaml"
  # The command line before CONTAINER -- COMMAND, which runs the command as the image's user, in the image's environment.
  inside=(buildah run --isolation chroot --volume "$(packaged_model):$model:ro" --volume "$work/policy.yaml:$policy:ro")
  runner=127.0.0.1:${ports[0]}
  # A service and a worker pool, as on Flink.
  service=$(create "service:$1" HF_BEAM_PORT="${ports[1]}" HF_BEAM_POLICY="$policy" HF_BEAM_MODEL_STORE= \
    HF_BEAM_ENVIRONMENT="external:127.0.0.1:${ports[2]}" HF_BEAM_READY_FILE=/tmp/ready.json)
  service_address=127.0.0.1:${ports[1]}
  pool=$(create "worker:$1" HF_BEAM_WORKER_POOL_PORT="${ports[2]}" HF_BEAM_READY_FILE=/tmp/ready.json)
  pool_address=127.0.0.1:${ports[2]}
  # A service and SDK containers, as on Dataflow. The first service has a policy; this one allows the whole model store.
  sdk_service=$(create "service:$1" HF_BEAM_PORT="${ports[3]}" \
    HF_BEAM_ENVIRONMENT="external:127.0.0.1:${ports[4]}")
  sdk_service_address=127.0.0.1:${ports[3]}
  sdk=$(create "worker:$1")
  sdk_port=${ports[4]}
}

create() { # IMAGE VARIABLE=VALUE…: create a container and print its name
  local container variable
  container=$(buildah from "localhost/hf-beam-$1")
  for variable in "${@:2}"; do
    buildah config --env "$variable" "$container"
  done
  echo "$container"
}

start_all() {
  say "Starting a runner, and services, a worker pool and SDK containers from the images …"
  local serve boot
  mapfile -t serve < <(entry_point "$service")
  mapfile -t boot < <(entry_point "$sdk")
  start runner "$python" -m apache_beam.runners.portability.local_job_service_main --port "${runner#*:}"
  start service "${inside[@]}" "$service" -- "${serve[@]}"
  start pool "${inside[@]}" "$pool" -- hf-beam worker-pool
  start sdk-service "${inside[@]}" "$sdk_service" -- "${serve[@]}"
  # Beam's own pool runs the entry point once per worker, with the arguments that a runner passes to a container.
  start sdk "${inside[@]}" "$sdk" -- python -m apache_beam.runners.worker.worker_pool_main \
    --service_port="$sdk_port" --container_executable="${boot[0]}"
}

entry_point() { # CONTAINER
  buildah inspect --format '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' "$1" | sed '/^$/d'
}

health_check() { # CONTAINER
  buildah inspect --format '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' "$1" | sed '1d; /^$/d'
}

start() { # NAME COMMAND…
  "${@:2}" >"$work/$1.log" 2>&1 &
  started+=($!)
}

# --- checks ----------------------------------------------------------------------------------------------------------

check_images() {
  check "the service's user is not root" not_root "$service"
  check "the worker's user is not root" not_root "$pool"
  check "the service's image has packages, but no sources, tools or caches" tidy "$service"
  check "the worker's image has packages, but no sources, tools or caches" tidy "$pool"
  check "the service's image has no framework" without_torch "$service"
}

not_root() {
  (($("${inside[@]}" "$1" -- id --user) > 0))
}

tidy() {
  local files
  files=$(buildah mount "$1")
  [[ -x $files/opt/hf-beam/.venv/bin/hf-beam ]] &&
    [[ ! -e $files/opt/hf-beam/expansion_service && ! -e $files/opt/uv/bin && ! -e $files/root/.cache ]]
}

without_torch() {
  ! "${inside[@]}" "$1" -- python -c "import torch" 2>/dev/null
}

check_health() {
  local healthy
  mapfile -t healthy < <(health_check "$service")
  check "the service becomes healthy" becomes "${inside[@]}" "$service" -- "${healthy[@]}"
  check "the service for SDK containers becomes healthy" becomes "${inside[@]}" "$sdk_service" -- "${healthy[@]}"
  check "the worker pool becomes healthy" becomes "${inside[@]}" "$pool" -- "${healthy[@]}" "$pool_address"
  check "SDK containers can be started" becomes listening "$sdk_port"
  check "the runner listens" becomes listening "${runner#*:}"
}

check_searches() {
  some_definitions 100 >"$work/definitions.jsonl"
  build_go_example "$work/semanticsearch"
  local in_go=(search_in_go "$work/semanticsearch") data=("$model" "$work/definitions.jsonl")
  local java go sdk
  # Run all at once, because each spends most of its time waiting.
  search_in_java "$runner" "$service_address" "${data[@]}" "$work/java.jsonl" >"$work/java.log" 2>&1 &
  java=$!
  "${in_go[@]}" "$runner" "$service_address" "${data[@]}" "$work/go.jsonl" >"$work/go.log" 2>&1 &
  go=$!
  "${in_go[@]}" "$runner" "$sdk_service_address" "${data[@]}" "$work/sdk.jsonl" >"$work/go-sdk.log" 2>&1 &
  sdk=$!
  check "Java finds the terms, with a worker of the pool" wait $java
  check "Go finds the terms, with a worker of the pool" wait $go
  check "Go finds the terms, with an SDK container" wait $sdk
}

check_stopping() {
  check "the service shuts down cleanly on SIGTERM" ends_in_order "$service" "${started[1]}"
  check "the worker pool shuts down cleanly on SIGTERM" ends_in_order "$pool" "${started[2]}"
}

# A container engine sends SIGTERM to the first process of a container. Here, this is the process that wrote the ready file.
ends_in_order() { # CONTAINER PROCESS
  local id
  id=$(sed --quiet 's/.*"pid": \([0-9]*\).*/\1/p' "$(buildah mount "$1")/tmp/ready.json")
  kill -TERM "$id" && wait "$2"
}

main
