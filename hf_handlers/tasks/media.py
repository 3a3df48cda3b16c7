"""Images, audio, video and tables: from what an element holds to what transformers takes, and results back to bytes.

Content is fetched here, before transformers sees it: transformers would neither read every kind of URI that fsspec
reads, nor ask whether the handler allows it.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import os
import shutil
import tempfile
import urllib.parse
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import numpy as np

from hf_handlers import foreign_errors
from hf_handlers.errors import InvalidElement, MissingDependency

# Scheme for which fsspec needs another package -> our extra that installs it.
_EXTRAS = {"gs": "gcs", "gcs": "gcs", "s3": "s3", "s3a": "s3", "http": "vision", "https": "vision"}


@dataclass(frozen=True)
class MediaOptions:
    """How the media of elements are read.

    Attributes:
        schemes: of URIs that strings may be: `https`, `gs` …; `file` for paths, `data` for data URIs and base64. None
            for all that fsspec knows. If empty, strings are refused: content must be bytes.
        sampling_rate: of the audio that the model takes, in Hz; None if it takes no audio.
    """

    schemes: Collection[str] | None
    sampling_rate: int | None = None

    @contextlib.contextmanager
    def open_reader(self) -> Iterator[MediaReader]:
        """A reader for one element. Files that it makes exist until it is closed."""
        with contextlib.ExitStack() as files:
            yield MediaReader(self, files)


class MediaReader:
    """Reads the media of one element.

    Args:
        options: which strings it follows, and the model's sampling rate.
        files: keeps the files that it makes.
    """

    def __init__(self, options: MediaOptions, files: contextlib.ExitStack) -> None:
        self._schemes = options.schemes
        self._sampling_rate = options.sampling_rate
        self._files = files

    def image(self, value: Any) -> Any:
        """A PIL image from a path, a URI, a file's content, an array (height, width[, channels]) or a PIL image.

        Raises:
            InvalidElement: it is not any of these, or cannot be read.
            MissingDependency: a package that reads it is not installed.
        """
        image_module = _import("PIL.Image", "vision")
        if isinstance(value, image_module.Image):
            return value
        if isinstance(value, str | os.PathLike):
            value = self._content(value)
        try:
            if isinstance(value, bytes | bytearray | memoryview):
                image = image_module.open(io.BytesIO(value))
                image.load()  # open() reads no pixels: a file that ends early would fail much later
                return image
            return image_module.fromarray(np.asarray(value))
        except foreign_errors.catchable() as error:
            raise InvalidElement(
                f"expected an image, found {_kind(value)} that cannot be read as one ({_name(error)})"
            ) from error

    def audio(self, value: Any) -> Any:
        """Audio as the model takes it: samples (n,), float32, at its sampling rate.

        Args:
            value: a path, a URI, a file's content, samples (n,) at the model's rate, or
                {"array" or "raw": samples, "sampling_rate": Hz}.

        Raises:
            InvalidElement, MissingDependency: as `image`.
        """
        if isinstance(value, str | os.PathLike):
            value = self._content(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._decoded(bytes(value))
        rate = self._sampling_rate
        if isinstance(value, Mapping):
            rate = value["sampling_rate"]
            value = value.get("array") if value.get("raw") is None else value["raw"]
        try:
            samples = np.asarray(value, dtype=np.float32)
        except (TypeError, ValueError):
            samples = np.zeros((), np.float32)
        if samples.ndim == 2 and samples.shape[0] <= 2:  # (channels, n), as in torchaudio and datasets
            samples = samples.mean(axis=0, dtype=np.float32)
        if samples.ndim != 1 or not samples.size:
            raise InvalidElement(f"expected audio as samples (n,), found {type(value).__name__} {samples.shape}")
        return self._resampled(samples, rate)

    def video(self, value: Any) -> str:
        """The path of a file with the video at a path or URI, or in a file's content. transformers takes only paths.

        Raises:
            InvalidElement, MissingDependency: as `image`.
        """
        _import("av", "vision")
        if isinstance(value, str | os.PathLike):
            value = self._content(value)
        if not isinstance(value, bytes | bytearray | memoryview):
            raise InvalidElement(f"expected a video as a path, a URI or bytes, found {type(value).__name__}")
        return self._files.enter_context(_file_of(value))

    def table(self, value: Any) -> Any:
        """A DataFrame, columns or rows as a DataFrame of strings, which the tokenizers of table models require.

        Raises:
            InvalidElement, MissingDependency: as `image`.
        """
        pandas = _import("pandas", "tables")
        try:
            return pandas.DataFrame(value).astype(str)
        except ValueError as error:
            raise InvalidElement("expected columns of equal length, found different lengths", path="table") from error

    def message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A message of a chat, with its images, audio and videos read."""
        content = message["content"]
        if isinstance(content, list | tuple):
            content = [self._part(dict(part)) if isinstance(part, Mapping) else part for part in content]
        return {**message, "content": content}

    def request(self, request: Any) -> dict[str, Any]:
        """A decision's request as a mapping, with the images among its assets read."""
        try:
            request = dict(json.loads(request) if isinstance(request, str) else request)
            assets = dict(request.get("assets") or {})
        except (TypeError, ValueError) as error:
            raise InvalidElement("expected a JSON object with a state and questions, found something else") from error
        for name, asset in assets.items():
            is_content = isinstance(asset, Mapping)
            assets[name] = self.image(_from_base64(str(asset.get("data_base64"))) if is_content else asset)
        return {**request, **({"assets": assets} if assets else {})}

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        medium = {"image_url": "image", "input_audio": "audio"}.get(kind := part.get("type", "text"), kind)
        sources = [name for name in (medium, "url", "path", "base64", "image_url") if part.get(name) is not None]
        if medium not in ("image", "audio", "video") or not sources:
            return part
        value = part[sources[0]]
        if sources[0] == "base64":
            value = _from_base64(str(value))
        elif isinstance(value, Mapping):
            value = value.get("url", value)
        return {"type": medium, medium: getattr(self, medium)(value)}

    def _content(self, place: str | os.PathLike[str]) -> bytes:
        """The content at a path or URI, or in base64."""
        text = os.fspath(place)
        if text.startswith("data:"):
            self._allow("data")
            return _from_base64(text.partition(",")[2])
        if "://" not in text or (text.startswith("file://") and "::" not in text):
            return self._of_path_or_base64(text)
        for link in text.split("::"):  # fsspec's chains: "zip://a.png::s3://bucket/images.zip"
            self._allow(link.partition("://")[0])
        try:
            with fsspec.open(text, "rb") as file:
                return bytes(file.read())
        except ImportError as error:
            extra = _EXTRAS.get(scheme := text.split("::")[-1].partition("://")[0])
            raise MissingDependency(
                f"expected the package that reads {scheme}:// on this worker, found none",
                remedy=f"pip install 'hf-beam[{extra}]'" if extra else "Install the one that fsspec names for it.",
            ) from error
        except foreign_errors.catchable() as error:
            raise InvalidElement(f"expected content at the URI, found none ({_name(error)})") from error

    def _of_path_or_base64(self, text: str) -> bytes:
        path = text.removeprefix("file://")
        if self._schemes is None or "file" in self._schemes:
            for candidate in (Path(path).expanduser(), Path(urllib.parse.unquote(path))):
                with contextlib.suppress(OSError):  # too long for a path: base64
                    if candidate.is_file():
                        return candidate.read_bytes()
        if path != text:
            self._allow("file")
            raise InvalidElement("expected content at the URI, found none (FileNotFoundError)")
        self._allow("data")
        return _from_base64(text)

    def _allow(self, scheme: str) -> None:
        if self._schemes is not None and scheme not in self._schemes:
            also = f" or a URI of {', '.join(self._schemes)}" if self._schemes else ""
            raise InvalidElement(f"expected the content as bytes{also}, found a string")

    def _decoded(self, content: bytes) -> Any:
        soundfile = _import("soundfile", "audio")
        try:
            samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)  # (n, channels)
        except foreign_errors.catchable() as error:
            if shutil.which("ffmpeg"):  # ffmpeg reads more formats; transformers runs it
                return content
            raise InvalidElement(
                f"expected audio, found bytes that cannot be read as audio ({_name(error)})"
            ) from error
        if not len(samples):
            raise InvalidElement("expected audio, found no samples")
        return self._resampled(samples.mean(axis=1), rate)

    def _resampled(self, samples: np.ndarray, rate: int | None) -> np.ndarray:
        if rate == self._sampling_rate or rate is None or self._sampling_rate is None:
            return samples
        resampled: np.ndarray = _import("soxr", "audio").resample(samples, rate, self._sampling_rate)
        return resampled


def png(value: Any) -> bytes:
    """A PIL image, or a mask of booleans (height, width), as a PNG file."""
    image_module = _import("PIL.Image", "vision")
    if not isinstance(value, image_module.Image):
        value = image_module.fromarray(np.asarray(value).astype(np.uint8) * 255)
    file = io.BytesIO()
    value.save(file, format="PNG")
    return file.getvalue()


def wav(samples: np.ndarray, sampling_rate: int) -> bytes:
    """Float32 samples as a WAV file: (n,) or (channels, n), with leading dimensions of 1."""
    soundfile = _import("soundfile", "audio")
    samples = np.asarray(samples, dtype=np.float32)
    samples = samples.reshape(samples.shape[-2:]) if samples.ndim > 1 else samples
    file = io.BytesIO()
    soundfile.write(file, samples.T, sampling_rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


@contextlib.contextmanager
def _file_of(content: bytes | bytearray | memoryview) -> Iterator[str]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise InvalidElement(
            "expected the path of a file, a URI or base64, found a string that is not any of these"
        ) from None


def _import(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependency(
            f"expected {module.partition('.')[0]} on this worker, found none",
            remedy=f"pip install 'hf-beam[{extra}]'",
        ) from error


def _kind(value: Any) -> str:
    return "bytes" if isinstance(value, bytes | bytearray | memoryview) else type(value).__name__


def _name(error: BaseException) -> str:
    return type(error).__name__  # not its text, which may show a path of this machine
