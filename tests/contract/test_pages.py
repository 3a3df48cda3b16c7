"""The code in pages that are not of one language compiles, or runs."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import apache_beam as beam
import pytest

from tests.contract.compilers import compile_go, compile_java

ROOT = Path(__file__).parents[2]


def blocks(language: str, *pages: str) -> list[str]:
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


JAVA = """\
import io.github.hfbeam.HuggingFace;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

class Example {{
  static void build(
      PCollection<Row> definitions, PCollection<String> lines, PCollection<Row> encoded) {{
{body}
  }}
}}
"""

GO = """\
package main

import (
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

{types}
func build(s beam.Scope, lines beam.PCollection) (beam.PCollection, error) {{
	{body}
	return moods, err
}}

func main() {{ _ = build }}
"""


@pytest.mark.parametrize("block", blocks("java", "README.md", "docs/tensors.md"))
def test_java_compiles(block: str, tmp_path: Path) -> None:
    compile_java(JAVA.format(body=textwrap.indent(block, "    ")), tmp_path)


@pytest.mark.parametrize("block", blocks("go", "README.md"))
def test_go_compiles(block: str, tmp_path: Path) -> None:
    types, body = block.rstrip().rsplit("\n\n", 1)
    compile_go(GO.format(types=types, body=body), tmp_path)


@pytest.mark.parametrize("block", blocks("python", "README.md"))
def test_python_runs(block: str, contract_models: Path) -> None:
    model = str(contract_models / "feature-extraction")
    with beam.Pipeline("DirectRunner") as pipeline:
        names = {"texts": pipeline | beam.Create(["a good day"])}
        exec(block.replace("sentence-transformers/all-MiniLM-L6-v2", model), names)
        assert "vectors" in names
