#!/usr/bin/env bash
# Build the Dockerfile without a container engine, run its images as their user, and search with them from Java and Go.
# For a Debian machine of one's own, as root; it installs what else it needs.
set -euo pipefail
# shellcheck source=deploy/testing.sh
source "$(dirname "$0")/../testing.sh"

cache=${HF_BEAM_IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hf-beam/image} # for all clones of this repository
work=$(mktemp --directory --tmpdir hf-beam-image-XXXX)
base=localhost/hf-beam-base
model=/models/all-MiniLM-L6-v2 # where the containers have it
policy=/etc/hf-beam/policy.yaml
started=()                     # ids of processes in the background

main() {
  ((EUID == 0)) || fail "To build an image without a container engine one must be root."
  mkdir -p "$cache/tmp"
  exec {lock}>"$cache/lock"
  flock --nonblock "$lock" || fail "Another test uses $cache: wait for its end, or set HF_BEAM_IMAGE_CACHE."
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
    kill "${started[@]}" 2>/dev/null || true # buildah ends what runs in its container
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

# Images in our cache, and not among those of the machine. What is mounted must be forgotten when the machine stops.
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

# In the place of python:3.11-slim-bookworm, which comes from no package registry.
build_base() {
  if has_image $base; then
    return
  fi
  say "Building a base of Debian with Python (a minute) …"
  local container files
  container=$(buildah from scratch)
  files=$(buildah mount "$container")
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$files" \
    >"$work/debootstrap.log" 2>&1
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" $base >/dev/null
}

# Over all that makes an image: what .dockerignore lets in, and how it is built.
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
    say "The image $1 of this content is built already."
    return
  fi
  say "Building the image $1 (some minutes) …"
  local options=(
    --build-arg BASE="$base"
    # The same, with the Go of this machine at the place where golang's images have theirs.
    --build-arg GO_BASE="$base"
    --volume "$(go env GOROOT):/usr/local/go:ro"
  )
  # Where registries are reached through a proxy, this machine trusts certificates that the base does not know.
  local certificates=${SSL_CERT_FILE:-${PIP_CERT:-}}
  if [[ $certificates ]]; then
    options+=(--volume "$certificates:/etc/ssl/certs/ca-certificates.crt:ro")
  fi
  # Docker's format, since the other one has no health check. The cache of the Go build lies in TMPDIR.
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
  # What comes before CONTAINER -- COMMAND: it runs as the image's user, in the image's environment.
  inside=(buildah run --isolation chroot --volume "$(packaged_model):$model:ro" --volume "$work/policy.yaml:$policy:ro")
  runner=127.0.0.1:${ports[0]}
  # A service and a pool of workers, as on Flink …
  service=$(create "service:$1" HF_BEAM_PORT="${ports[1]}" HF_BEAM_POLICY="$policy" HF_BEAM_MODEL_STORE= \
    HF_BEAM_ENVIRONMENT="external:127.0.0.1:${ports[2]}" HF_BEAM_READY_FILE=/tmp/ready.json)
  service_address=127.0.0.1:${ports[1]}
  pool=$(create "worker:$1" HF_BEAM_WORKER_POOL_PORT="${ports[2]}" HF_BEAM_READY_FILE=/tmp/ready.json)
  pool_address=127.0.0.1:${ports[2]}
  # … and a service and SDK containers, as on Dataflow. The first has a policy, this one all of the model store.
  sdk_service=$(create "service:$1" HF_BEAM_PORT="${ports[3]}" \
    HF_BEAM_ENVIRONMENT="external:127.0.0.1:${ports[4]}")
  sdk_service_address=127.0.0.1:${ports[3]}
  sdk=$(create "worker:$1")
  sdk_port=${ports[4]}
}

create() { # IMAGE VARIABLE=VALUE…: a container; its name
  local container variable
  container=$(buildah from "localhost/hf-beam-$1")
  for variable in "${@:2}"; do
    buildah config --env "$variable" "$container"
  done
  echo "$container"
}

start_all() {
  say "Starting a runner, and from the images services, a worker pool and SDK containers …"
  local serve boot
  mapfile -t serve < <(entry_point "$service")
  mapfile -t boot < <(entry_point "$sdk")
  start runner "$python" -m apache_beam.runners.portability.local_job_service_main --port "${runner#*:}"
  start service "${inside[@]}" "$service" -- "${serve[@]}"
  start pool "${inside[@]}" "$pool" -- hf-beam worker-pool
  start sdk-service "${inside[@]}" "$sdk_service" -- "${serve[@]}"
  # Beam's own pool runs the entry point once for each worker, with the arguments that a runner gives a container.
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
  check "the service's image has packages, and no sources, tools or caches" tidy "$service"
  check "the worker's image has packages, and no sources, tools or caches" tidy "$pool"
  check "the service's image brings no framework" without_torch "$service"
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
  # All at once: each waits for something most of the time.
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
  check "the service ends in order when it is told to" ends_in_order "$service" "${started[1]}"
  check "the worker pool ends in order when it is told to" ends_in_order "$pool" "${started[2]}"
}

# A container engine sends SIGTERM to a container's first process; here that is the one that wrote the ready file.
ends_in_order() { # CONTAINER PROCESS
  local id
  id=$(sed --quiet 's/.*"pid": \([0-9]*\).*/\1/p' "$(buildah mount "$1")/tmp/ready.json")
  kill -TERM "$id" && wait "$2"
}

main
