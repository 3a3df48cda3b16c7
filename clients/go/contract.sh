#!/bin/sh
# Run cases of tests/contract on a running service, and write the results:
#     contract.sh --service=HOST:PORT --runner=HOST:PORT --cases=FILE --results=FILE
set -eu

for argument; do
    case $argument in
        --service=*) export HFBEAM_CONTRACT_SERVICE="${argument#*=}" ;;
        --runner=*) export HFBEAM_CONTRACT_RUNNER="${argument#*=}" ;;
        --cases=*) HFBEAM_CONTRACT_CASES=$(realpath "${argument#*=}") && export HFBEAM_CONTRACT_CASES ;;
        --results=*) HFBEAM_CONTRACT_RESULTS=$(realpath -m "${argument#*=}") && export HFBEAM_CONTRACT_RESULTS ;;
        *) echo "Expected --service, --runner, --cases and --results, found $argument." >&2; exit 2 ;;
    esac
done
: "${HFBEAM_CONTRACT_SERVICE:?give --service=HOST:PORT}" "${HFBEAM_CONTRACT_RUNNER:?give --runner=HOST:PORT}" \
    "${HFBEAM_CONTRACT_CASES:?give --cases=FILE}" "${HFBEAM_CONTRACT_RESULTS:?give --results=FILE}"

cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -f "$HFBEAM_CONTRACT_RESULTS"
go run ./internal/contract/generate > "$scratch/main.go"
# Compile the program as a part of this module. Its types belong to the cases, so it is not in the checkout.
echo "{\"Replace\": {\"$PWD/internal/contract/generated/main.go\": \"$scratch/main.go\"}}" > "$scratch/overlay.json"
go run -overlay "$scratch/overlay.json" ./internal/contract/generated
