"""Our Python client: from Python and from Beam YAML, on loopback and with TLS."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
import trustme
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.external import SchemaAwareExternalTransform
from apache_beam.yaml import main as beam_yaml

from hf_beam_client import HuggingFace, HuggingFaceError, Tls, connect
from tests.service.requests import EMBEDDING
from tests.service.running import Service, running_service

DOCS = Path(__file__).parents[2] / "docs"
MODEL = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"


def snippet(page: str, language: str, number: int = 0) -> str:
    """A code block of a page in that language."""
    return str(re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[number])


@pytest.fixture
def classifier(tiny_models: Path) -> str:
    return str(tiny_models / "text-classification")


def test_the_page_for_python_runs_as_it_is(
    service: Service, classifier: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = snippet("python.md", "python").replace("localhost:8097", service.address).replace(MODEL, classifier)
    exec(code, {"options": beam.options.pipeline_options.PipelineOptions([])})
    lines = sorted(capfd.readouterr().out.splitlines())
    assert [re.sub(r" (POSITIVE|NEGATIVE) .*", "", line) for line in lines] == [
        "a bad and sad end",
        "what a happy and good day",
    ]


def test_the_page_for_yaml_runs_as_it_is(service: Service, classifier: str, tmp_path: Path) -> None:
    text = snippet("yaml.md", "yaml").replace("localhost:8097", service.address).replace(MODEL, classifier)
    for name in ("labels", "errors"):
        text = text.replace(f"path: {name}", f"path: {tmp_path / name}")
    beam_yaml.run([f"--yaml_pipeline={text}", "--runner=DirectRunner"])

    labels, errors = (_rows(tmp_path, name) for name in ("labels", "errors"))
    assert sorted(row["id"] for row in labels) == [1, 2]
    assert {row["label"] for row in labels} <= {"POSITIVE", "NEGATIVE"}
    (error,) = errors
    assert (error["failed_row"], error["error_code"]) == ([3, None], "InvalidElement")  # as Beam writes a row in a row


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for file in folder.glob(f"{name}*") for line in file.read_text().splitlines()]


@pytest.mark.parametrize("form", [json.dumps, dict], ids=["text", "mapping"])
def test_a_json_document_is_a_config(service: Service, classifier: str, form: Any) -> None:
    document = form(
        {
            "task": "text-classification",
            "model": classifier,
            "inference_args": '{"top_k": 1}',
            "batching": {"max_batch_size": 2},
        }
    )
    with beam.Pipeline("DirectRunner") as pipeline:
        rows = pipeline | beam.Create(["a", "b", "c"]) | HuggingFace(document, service=service.address)
        assert_that(
            rows | beam.Map(lambda row: (row.example, len(row.inference))), equal_to([("a", 1), ("b", 1), ("c", 1)])
        )


def test_the_steps_of_a_transform_begin_with_the_name_that_the_user_gave(service: Service, classifier: str) -> None:
    judge = HuggingFace(service=service.address, model=classifier)

    def names(*labels: str) -> set[str]:
        pipeline = beam.Pipeline("DirectRunner")
        texts = pipeline | beam.Create(["a"])
        for label in labels:
            _ = texts | label >> judge
        return {transform.unique_name for transform in pipeline.to_runner_api().components.transforms.values()}

    alone, after_another = names("Judge"), names("New", "Judge")
    assert {"Judge", "Judge/Expand", "Judge/Expand/Finish"} <= alone
    assert alone == {name for name in after_another if not name.startswith("New")}


def test_a_refusal_has_code_path_and_request_id(service: Service, classifier: str) -> None:
    texts = beam.Pipeline("DirectRunner") | beam.Create(["a"])
    with pytest.raises(HuggingFaceError) as refused:
        _ = texts | HuggingFace(service=service.address, model=classifier, task="text-clasification")
    error = pickle.loads(pickle.dumps(refused.value))
    assert (error.code, error.path) == ("InvalidConfig", "task")
    assert error.request_id in service.log.read_text()
    assert "Did you mean text-classification?" in str(error)


def test_a_service_that_does_not_run_is_a_sentence() -> None:
    texts = beam.Pipeline("DirectRunner") | beam.Create(["a"])
    with pytest.raises(HuggingFaceError, match="ServiceUnavailable: expected an hf-beam service at localhost:1"):
        _ = texts | HuggingFace(service="localhost:1", model="a/b", task="fill-mask")


@pytest.mark.parametrize(
    "address",
    [
        *("localhost", "localhost:", "localhost:http", ":8097", "localhost:99999", "", 8097, None),
        *("http://localhost:8097", "https://localhost:8097", "//localhost:8097", "localhost/a:8097", "::1:8097"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(address: Any) -> None:
    for use in (connect, lambda service: HuggingFace(service=service, model="a/b")):
        with pytest.raises(HuggingFaceError, match=r"InvalidConfig: expected HOST:PORT, found .* - at address"):
            use(address)


@pytest.mark.parametrize("address", ["localhost:8097", "10.0.0.7:8097", "[::1]:8097", "hf-beam.example.com:443"])
def test_an_address_of_a_host_and_a_port_is_taken_as_it_is(address: str) -> None:
    assert connect(address).address == address


@pytest.mark.parametrize(
    ("tls", "message"),
    [
        ("yes", 'expected true, false or an object, found string "yes" - at tls. Use true, or give ca_file, cert_file'),
        (["ca.pem"], 'expected true, false or an object, found array ["ca.pem"] - at tls. '),
        ({"ca": "ca.pem"}, "expected one of ca_file, cert_file, key_file, found the unknown field ca - at tls.ca. "),
        ({"ca_file": 7}, "expected the path of a file, found integer 7 - at tls.ca_file. Correct the value."),
        (
            {"cert_file": "a.pem"},
            "expected cert_file and key_file, found only cert_file - at tls.cert_file. Give both.",
        ),
        ({"key_file": "a.pem"}, "expected cert_file and key_file, found only key_file - at tls.key_file. Give both."),
        (
            {"ca_file": "no/such.pem"},
            "expected a file in PEM format, found no readable file no/such.pem - at tls.ca_file",
        ),
        ({"ca_file": __file__}, f"expected a file in PEM format, found other content in {__file__} - at tls.ca_file. "),
    ],
)
def test_wrong_tls_settings_are_refused_with_their_place(tls: Any, message: str) -> None:
    texts = beam.Pipeline("DirectRunner") | beam.Create(["a"])
    with pytest.raises(HuggingFaceError) as refused:
        _ = texts | HuggingFace(service="localhost:1", tls=tls, model="a/b", task="fill-mask")
    assert str(refused.value).startswith(f"InvalidConfig: {message}")


def test_wrong_tls_settings_are_a_sentence_in_yaml(capfd: pytest.CaptureFixture[str]) -> None:
    text = snippet("yaml.md", "yaml").replace(
        "service: localhost:8097", "service: localhost:8097\n        tls: {ca: ca.pem}"
    )
    with pytest.raises(Exception, match=r"InvalidConfig: expected one of ca_file, .* - at tls\.ca\."):
        beam_yaml.run([f"--yaml_pipeline={text}", "--runner=DirectRunner"])


@pytest.mark.parametrize("value", [[1, "a"], [None], {"a": object()}, object(), 2**63])
def test_a_value_that_no_field_takes_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(HuggingFaceError, match=r"InvalidConfig: .* - at inputs"):
        HuggingFace(service="localhost:1", model="a/b", inputs=value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model": "\ud800"}, "expected strings of whole characters, found half of a surrogate pair - at model. "),
        (
            {"transform": "\ud800"},
            "expected strings of whole characters, found half of a surrogate pair - at transform.",
        ),
        ({"\ud800": 1}, "expected strings of whole characters, found half of a surrogate pair - at config. "),
        (
            {"inputs": {"\ud800": "a"}},
            "expected strings of whole characters, found half of a surrogate pair - at inputs.",
        ),
        ({"inputs": {"text": "\ud800"}}, "expected strings of whole characters, found half .* - at inputs.text. "),
        ({"inputs": {1: "a"}}, "expected names that are strings, found integer 1 - at inputs. "),
        (
            {"load_args": {"a": {1}}},
            r"expected values that JSON can represent, found .* \(a set\) - at load_args. ",
        ),
    ],
)
def test_a_config_that_cannot_be_sent_is_refused_with_its_place(config: Any, message: str) -> None:
    with pytest.raises(HuggingFaceError, match=f"InvalidConfig: {message}"):
        HuggingFace(config, service="localhost:1")


def test_a_refused_address_can_be_printed() -> None:
    with pytest.raises(HuggingFaceError) as refused:
        connect("\ud800")
    assert "\\ud800" in str(refused.value)
    str(refused.value).encode()


def test_numbers_of_numpy_are_numbers(service: Service, classifier: str) -> None:
    config = {"inference_args": {"top_k": np.int64(1)}, "batching": {"max_batch_size": np.int32(2)}}
    with beam.Pipeline("DirectRunner") as pipeline:
        rows = pipeline | beam.Create(["a"]) | HuggingFace(config, service=service.address, model=classifier)
        assert_that(rows | beam.Map(lambda row: len(row.inference)), equal_to([1]))


class Certificates:
    """Of an authority, as files: a server's, and a client's."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self.server = self._issue(authority, folder, "localhost")
        self.client = self._issue(authority, folder, "client.example.org")

    @staticmethod
    def _issue(authority: trustme.CA, folder: Path, name: str) -> tuple[Path, Path]:
        issued, cert, key = authority.issue_cert(name), folder / f"{name}.pem", folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(cert)
        issued.private_key_pem.write_to_path(key)
        return cert, key


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def known_clients_only(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates, tiny_models: Path
) -> Iterator[Service]:
    """A service with TLS that asks clients for their certificates. It has no workers: nothing runs here."""
    cert, key = map(str, certificates.server)
    options = ["--tls-cert", cert, "--tls-key", key, "--tls-client-ca", str(certificates.ca)]
    folder = tmp_path_factory.mktemp("service")
    with running_service(
        folder, *options, "--environment", "external:localhost:1", "--allow-model", str(tiny_models)
    ) as service:
        yield service


def of_service(service: Service) -> str:
    return "localhost:" + service.address.rpartition(":")[2]  # the certificate is for a name


def test_a_known_client_is_served_over_tls(
    known_clients_only: Service, certificates: Certificates, tiny_models: Path
) -> None:
    cert, key = certificates.client
    service = connect(of_service(known_clients_only), tls=Tls(certificates.ca, cert, key))
    found = {c.identifier for c in SchemaAwareExternalTransform.discover(service)}
    assert EMBEDDING in found
    rows = (
        beam.Pipeline("DirectRunner")
        | beam.Create(["a"])
        | HuggingFace(service=service, transform="embedding", model=str(tiny_models / "feature-extraction"))
    )
    assert list(rows.element_type._fields) == ["example", "inference", "model_id"]


def test_the_page_for_python_connects_over_a_network(
    known_clients_only: Service, certificates: Certificates, tiny_models: Path
) -> None:
    files = ", ".join(repr(str(file)) for file in (certificates.ca, *certificates.client))
    code = snippet("python.md", "python", 1).replace('ca_file="ca.pem"', files)
    code = code.replace("hf-beam.example.com:8097", of_service(known_clients_only))
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(tiny_models / "feature-extraction"))
    names: dict[str, Any] = {"texts": beam.Pipeline("DirectRunner") | beam.Create(["a"])}
    exec(code, names)
    assert list(names["vectors"].element_type._fields) == ["example", "inference", "model_id"]


def test_unknown_clients_are_not_served(known_clients_only: Service, certificates: Certificates) -> None:
    address = of_service(known_clients_only)
    for tls, remedy in (
        (None, "If the service uses TLS, set tls."),
        (Tls(certificates.ca), "or correct the address or the TLS settings."),
        (True, "or correct the address or the TLS settings."),
    ):
        with pytest.raises(HuggingFaceError, match=f"ServiceUnavailable: .*{remedy}$"):
            _ = (
                beam.Pipeline("DirectRunner")
                | beam.Create(["a"])
                | HuggingFace(service=connect(address, tls=tls), transform="embedding", model="a/b")
            )
