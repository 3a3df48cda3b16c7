"""What elements may hold: paths, URIs, bytes, arrays, PIL images; and what becomes of those that cannot be read."""

from __future__ import annotations

import base64
import functools
import http.server
import io
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import soundfile
from PIL import Image

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler
from hf_handlers.errors import InvalidElement, MissingDependency
from hf_handlers.frameworks.torch_pipelines import load_pipeline
from hf_handlers.tasks.media import MediaOptions
from tests.handlers import inputs
from tests.handlers.comparing import approximately, assert_batch_equals_alone, assert_fits
from tests.handlers.running import run

ModelMaker = Callable[[str], Path]


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def sound_file(samples: np.ndarray, rate: int, kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind)
    return file.getvalue()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A web server on loopback that serves tmp_path."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def classifier(media_model: ModelMaker) -> Callable[..., HuggingFacePipelineModelHandler]:
    return functools.partial(
        HuggingFacePipelineModelHandler, "image-classification", str(media_model("image-classification"))
    )


@pytest.fixture
def listener(media_model: ModelMaker) -> Callable[..., HuggingFacePipelineModelHandler]:
    return functools.partial(
        HuggingFacePipelineModelHandler, "audio-classification", str(media_model("audio-classification"))
    )


@pytest.mark.covers(task="image-classification", input="bytes")
@pytest.mark.covers(task="image-classification", input="numpy")
@pytest.mark.covers(task="image-classification", input="path")
@pytest.mark.covers(task="image-classification", input="URI")
def test_an_image_is_the_same_however_it_comes(
    classifier: Any, images: list[Image.Image], tmp_path: Path, address: str
) -> None:
    image, content = images[1], png(images[1])
    file = tmp_path / "one image.png"
    file.write_bytes(content)
    fsspec.filesystem("memory").pipe("/media/image.png", content)
    encoded = base64.b64encode(content).decode()
    ways = [
        content,
        bytearray(content),
        np.asarray(image),
        file,
        str(file),
        file.as_uri(),
        "memory://media/image.png",
        f"{address}/one%20image.png",
        f"data:image/png;base64,{encoded}",
        encoded,
        {"image": content},
    ]
    first, *others = _inferences(classifier(), [image, *ways])
    assert approximately([first] * len(ways)) == others


def _inferences(handler: HuggingFacePipelineModelHandler, batch: list[Any]) -> list[Any]:
    return [r.inference for r in handler.run_inference(batch, handler.load_model())]


@pytest.mark.once
@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
def test_images_of_all_modes_are_taken(classifier: Any, images: list[Image.Image], mode: str) -> None:
    image = images[0].convert(mode)
    first, second = _inferences(classifier(), [image, png(image)])
    assert approximately(first) == second


@pytest.mark.once
def test_a_picture_taken_sideways_is_turned(classifier: Any, images: list[Image.Image]) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees to the right
    images[1].save(file, format="PNG", exif=exif)
    turned, expected = _inferences(classifier(), [file.getvalue(), images[1].transpose(Image.Transpose.ROTATE_270)])
    assert approximately(expected) == turned


@pytest.mark.once
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"no image", "expected an image, found bytes that cannot be read as one"),
        ("/nowhere/at/all.png", "expected the path of a file, a URI or base64, found a string that is not any of"),
        ("memory://nothing/here.png", "expected content at the URI, found none"),
        ("nosuchplace://a/b.png", "expected content at the URI, found none"),
        (7, "expected an image, found int that cannot be read as one"),
        (np.zeros((2, 2, 9)), "expected an image, found ndarray that cannot be read as one"),
        ({"picture": b""}, "expected image, found the unknown argument 'picture'"),
        (None, "expected image, found no image"),
    ],
)
def test_an_image_that_cannot_be_read_is_an_error_of_its_own(
    classifier: Any, images: list[Image.Image], bad: Any, message: str, tmp_path: Path
) -> None:
    first, failure, last = _inferences(classifier(failures="value"), [images[0], bad, images[1]])
    assert isinstance(failure, ElementFailure)
    assert failure.code == "InvalidElement"
    assert message in failure.message
    assert "/nowhere" not in failure.message
    assert approximately([first, last]) == _inferences(classifier(), [images[0], images[1]])


@pytest.mark.once
def test_a_file_that_ends_early_is_an_error_of_its_own(
    classifier: Any, images: list[Image.Image], tmp_path: Path
) -> None:
    file = tmp_path / "short.png"
    file.write_bytes(png(images[0])[:-40])
    (failure,) = _inferences(classifier(failures="value"), [str(file)])
    assert failure.code == "InvalidElement"
    assert str(tmp_path) not in failure.message


@pytest.mark.once
@pytest.mark.parametrize(
    ("schemes", "allowed"),
    [((), set()), (("file",), {"path", "file"}), (("memory", "data"), {"memory", "data", "base64"}), (None, {"all"})],
)
def test_only_the_schemes_that_are_named_are_followed(
    classifier: Any, images: list[Image.Image], tmp_path: Path, schemes: Any, allowed: set[str]
) -> None:
    content = png(images[0])
    (tmp_path / "a.png").write_bytes(content)
    fsspec.filesystem("memory").pipe("/a.png", content)
    encoded = base64.b64encode(content).decode()
    ways = {
        "path": str(tmp_path / "a.png"),
        "file": (tmp_path / "a.png").as_uri(),
        "chain": f"filecache::file://{tmp_path}/a.png",
        "memory": "memory://a.png",
        "data": f"data:image/png;base64,{encoded}",
        "base64": encoded,
    }
    found = _inferences(classifier(failures="value", element_uris=schemes), list(ways.values()))
    read = {way for way, inference in zip(ways, found, strict=True) if not isinstance(inference, ElementFailure)}
    assert read == (ways.keys() if "all" in allowed else allowed)
    if schemes == ():
        messages = {failure.message for failure in found}
        assert messages == {
            "expected the content as bytes, found a string - at image. Correct it, or leave the element out."
        }


@pytest.mark.once
def test_a_scheme_whose_package_is_missing_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, classifier: Any, listener: Any
) -> None:
    for package in ("s3fs", "gcsfs", "soundfile"):
        monkeypatch.setitem(sys.modules, package, None)
    for scheme in ("s3", "gs"):  # another test may have loaded them
        monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, scheme, raising=False)
    for scheme, extra in (("s3", "s3"), ("gs", "gcs")):
        with pytest.raises(MissingDependency, match=rf"pip install 'hf-beam\[{extra}\]'"):
            run(classifier(failures="value"), [f"{scheme}://bucket/image.png"])
    with pytest.raises(MissingDependency, match=r"expected soundfile on this worker.*hf-beam\[audio\]"):
        run(listener(), [b"RIFF"])


@pytest.mark.covers(task="audio-classification", input="bytes")
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_sound_is_decoded_without_ffmpeg(listener: Any, sounds: list[np.ndarray], kind: str, tmp_path: Path) -> None:
    content = sound_file(sounds[0] / 4, 16000, kind)
    (tmp_path / "sound").write_bytes(content)
    ways = [content, str(tmp_path / "sound"), (tmp_path / "sound").as_uri(), {"audio": content}]
    exact, *others = _inferences(listener(), [sounds[0] / 4, *ways])
    assert approximately([others[0]] * len(ways)) == others
    scores = ({answer["label"]: answer["score"] for answer in inference} for inference in (exact, others[0]))
    assert next(scores) == pytest.approx(next(scores), abs=0.3 if kind in ("OGG", "MP3") else 1e-2)


@pytest.mark.once
def test_sound_of_another_rate_and_of_two_channels_is_made_the_models_own(listener: Any) -> None:
    def tone(rate: int) -> np.ndarray:
        return np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)

    both = np.stack([tone(48000)] * 2)
    ways = [
        {"array": tone(48000), "sampling_rate": 48000},
        {"raw": tone(8000).tolist(), "sampling_rate": 8000},
        {"audio": {"array": both, "sampling_rate": 48000}},
        sound_file(both.T, 48000, "WAV"),
    ]
    exact, *others = _inferences(listener(), [tone(16000), *ways])
    scores = {answer["label"]: answer["score"] for answer in exact}
    for other in others:
        assert {answer["label"]: answer["score"] for answer in other} == pytest.approx(scores, abs=0.05)


@pytest.fixture(scope="session")
def videos() -> list[bytes]:
    return inputs.videos()


@pytest.mark.covers(task="video-classification", input="bytes")
@pytest.mark.covers(task="video-classification", input="path")
def test_videos_are_classified_however_they_come(
    media_model: ModelMaker, videos: list[bytes], tmp_path: Path, address: str
) -> None:
    handler = HuggingFacePipelineModelHandler("video-classification", str(media_model("video-classification")))
    assert_batch_equals_alone(handler, videos)
    for i, content in enumerate(videos):
        (tmp_path / f"{i}.mp4").write_bytes(content)
    peer = load_pipeline("video-classification", media_model("video-classification"), device="cpu")
    expected = [peer(str(tmp_path / f"{i}.mp4")) for i in range(len(videos))]
    for batch in (
        videos,
        [str(tmp_path / f"{i}.mp4") for i in range(6)],
        [f"{address}/{i}.mp4" for i in range(6)],
        [{"video": content} for content in videos],
    ):
        assert approximately(expected) == run(handler, batch)
    assert any(assert_fits("video-classification", {}, run(handler, videos)))


@pytest.mark.once
def test_what_is_no_video_costs_itself(media_model: ModelMaker, videos: list[bytes]) -> None:
    handler = HuggingFacePipelineModelHandler(
        "video-classification", str(media_model("video-classification")), failures="value"
    )
    failure, good = run(handler, [b"no", videos[0]])
    assert failure.code == "InvalidElement"
    assert good[0].keys() == {"score", "label"}
    with pytest.raises(InvalidElement, match="expected a video as a path, a URI or bytes, found int"):
        raise _inferences(handler, [7])[0].to_error()


def test_each_element_keeps_its_own_files(videos: list[bytes]) -> None:
    options = MediaOptions(schemes=None)
    with options.open_reader() as first:
        path = Path(first.video(videos[0]))
        with options.open_reader() as second:
            other = Path(second.video(videos[1]))
        assert not other.exists()
        assert path.read_bytes() == videos[0]
    assert not path.exists()


def test_the_images_of_a_chat_are_read_before_transformers_sees_them(
    media_model: ModelMaker, images: list[Image.Image], tmp_path: Path
) -> None:
    content = png(images[0])
    (tmp_path / "a.png").write_bytes(content)
    parts = [
        {"type": "image", "image": images[0]},
        {"type": "image", "path": str(tmp_path / "a.png")},
        {"type": "image", "url": (tmp_path / "a.png").as_uri()},
        {"type": "image", "base64": base64.b64encode(content).decode()},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(content).decode()}"}},
    ]
    question = {"type": "text", "text": " what is that ?"}
    batch: list[Any] = [[{"role": "user", "content": [part, question]}] for part in parts]
    batch += [{"text": [{"role": "user", "content": [{"type": "image"}, question]}], "image": images[0]}]
    model = str(media_model("image-text-to-text"))
    handler = HuggingFacePipelineModelHandler("image-text-to-text", model)
    (texts,) = {value[0].generated_text for value in assert_fits("image-text-to-text", {}, _inferences(handler, batch))}
    assert texts
    careful = HuggingFacePipelineModelHandler("image-text-to-text", model, element_uris=(), failures="value")
    codes = [i.code if isinstance(i, ElementFailure) else None for i in _inferences(careful, batch)]
    assert codes == [None, "InvalidElement", "InvalidElement", None, "InvalidElement", None]
