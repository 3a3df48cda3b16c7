#!/usr/bin/env bash
# The contract suite's program for Java, from the classes that Maven built:
# contract.sh --service=HOST:PORT --runner=HOST:PORT --cases=FILE --results=FILE
set -euo pipefail
built="$(dirname "$0")/target"
exec java -cp "$built/classes:$built/test-classes:$(<"$built/test-classpath")" \
  io.github.hfbeam.contract.ContractProgram "$@"
