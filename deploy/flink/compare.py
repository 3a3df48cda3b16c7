"""Exit with code 0 if two result files have the same terms for each query, and scores that differ by at most 1e-5."""

import json
import sys
from pathlib import Path


def scores(path: str) -> dict[tuple[str, str], float]:
    lines = Path(path).read_text().splitlines()
    return {(match["query"], match["term"]): match["score"] for match in map(json.loads, lines)}


if __name__ == "__main__":
    left, right = (scores(path) for path in sys.argv[1:])
    same = bool(left) and left.keys() == right.keys() and all(abs(left[key] - right[key]) <= 1e-5 for key in left)
    sys.exit(not same)
