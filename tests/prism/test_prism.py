"""Jobs whose Python workers run beside workers of another language, and beside each other, on Prism."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import apache_beam as beam
import pytest

from hf_beam_client import HuggingFace
from tests.contract import cases
from tests.contract.comparing import differences
from tests.contract.programs import Programs
from tests.prism.conftest import CASES, Elsewhere
from tests.prism.running import CHECKOUT, Prism, run, running_prism
from tests.service.running import Service, beams_own_pool, portable_options, wait_for

JARS = CHECKOUT / "java_example/target"
PROGRAMS = {
    "java": ["java", "-cp", f"{JARS}/*:{JARS}/lib/*", "io.github.hfbeam.example.SemanticSearch"],
    "go": [str(CHECKOUT / "build/semanticsearch")],
}
DEFINITIONS = [
    {"term": "Trojan horse", "text": "A program that claims to be a game, and deletes files."},
    {"term": "heisenbug", "text": "A bug that disappears when one attempts to probe or isolate it."},
    {"term": "cruft", "text": "Excess; superfluous junk that an accident left in a program."},
]


def on_prism(language: str, address: str) -> list[str]:
    """The options with which a program of a language runs on the Prism at that address."""
    if language == "java":
        return ["--runner=PortableRunner", f"--jobEndpoint={address}", "--defaultEnvironmentType=LOOPBACK"]
    return ["--runner=universal", f"--endpoint={address}", "--environment_type=LOOPBACK"]


def search(language: str, service: Service, prism: Prism, model: Path, folder: Path) -> CompletedProcess[str]:
    """Run the search example of a language with a few definitions."""
    definitions, output = folder / "definitions.jsonl", folder / "output.jsonl"
    definitions.write_text("".join(json.dumps(one) + "\n" for one in DEFINITIONS))
    own = [f"--service={service.address}", f"--model={model}", f"--input={definitions}", f"--output={output}"]
    query = "--query=a program that looks harmless but attacks your computer"
    return run([*PROGRAMS[language], *own, query, *on_prism(language, prism.address)], folder)


@pytest.mark.parametrize("language", ["go", "java", "python"])
def test_a_job_with_all_contract_cases_gives_the_same_rows_as_on_other_runners(
    language: str, programs: Programs
) -> None:
    different = {}
    for case in CASES:
        found = differences(cases.with_files(case, programs.models), programs.result(language, case["name"]))
        if found:
            different[case["name"]] = found
    assert different == {}


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_search_example_finds_terms_by_what_they_mean(
    language: str, service: Service, prism: Prism, minilm: Path, tmp_path: Path
) -> None:
    done = search(language, service, prism, minilm, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "   1  " in done.stdout
    assert done.stdout.index("Trojan horse") < done.stdout.index("heisenbug")


def test_workers_that_a_container_would_start_run_beside_each_other(
    without_a_pool: Elsewhere, prism: Prism, minilm: Path, tmp_path: Path
) -> None:
    with beams_own_pool(without_a_pool.port):
        done = search("go", without_a_pool.service, prism, minilm, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Trojan horse" in done.stdout


def test_a_failing_element_ends_the_job_with_its_error_and_prism_has_the_log_of_the_worker(
    service: Service, prism: Prism, contract_models: Path
) -> None:
    pipeline = beam.Pipeline(options=portable_options(prism.address))
    classify = HuggingFace(
        service=service.address, model=str(contract_models / "text-classification"), truncation=False
    )
    _ = pipeline | beam.Create(["a day", "again " * 700]) | classify
    with pytest.raises(
        RuntimeError, match=r"InputTooLong: expected at most 64 tokens, found 702 - at text\. Shorten it"
    ):
        pipeline.run().wait_until_finish()
    wait_for(lambda: "Error processing instruction" in prism.log.read_text())
    assert "Logging client failed" not in service.log.read_text()


def test_a_job_whose_workers_cannot_be_reached_ends_and_the_log_of_prism_says_why(
    without_a_pool: Elsewhere, minilm: Path, tmp_path: Path
) -> None:
    with running_prism(tmp_path) as prism:
        done = search("java", without_a_pool.service, prism, minilm, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("The job failed: ")
    assert f"unable to start sdk worker localhost:{without_a_pool.port}" in prism.log.read_text()
