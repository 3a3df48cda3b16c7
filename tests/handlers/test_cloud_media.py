"""Images in object stores, on local servers of their protocols: `make test-in-newest` has them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler
from tests.handlers.comparing import approximately
from tests.handlers.running import run


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    fsspec.filesystem("s3").mkdir("bucket")
    yield "s3://bucket"
    server.stop()


@pytest.fixture
def gs(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("gcsfs")
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    server = emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket="bucket")
    server.start()
    port = server._api._httpd.server_port
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # asks Google what kind of bucket it is
    yield "gs://bucket"
    server.stop()


@pytest.mark.covers(task="image-classification", input="URI (gs, s3)")
@pytest.mark.parametrize("store", ["s3", "gs"])
def test_images_are_read_from_object_stores(
    store: str, request: pytest.FixtureRequest, media_model: Any, images: list[Any]
) -> None:
    place = request.getfixturevalue(store)
    file = io.BytesIO()
    images[0].save(file, format="PNG")
    fsspec.filesystem(store).pipe(f"{place}/a.png", file.getvalue())
    model: Path = media_model("image-classification")
    handler = HuggingFacePipelineModelHandler("image-classification", str(model), failures="value")
    expected, found, missing = run(handler, [images[0], f"{place}/a.png", f"{place}/none.png"])
    assert approximately(expected) == found
    assert isinstance(missing, ElementFailure)
    assert missing.code == "InvalidElement"
