"""The files of a model that a library may read, found by their names, and where they really lie."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from hf_handlers.errors import ModelUnsupported

# Patterns of a file's last name. transformers and sentence-transformers read others too: pickles, Python, and the files
# of processors that name other models. A view does not hold those.
CONFIGS = (
    "chat_template.json",
    "config.json",
    "config.*.json",  # of a range of transformers' versions; `configuration_files` in config.json names them
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "special_tokens_map.json",  # whose keys become arguments of the tokenizer, whatever they are
    "tokenizer_config.json",
    "video_preprocessor_config.json",
)
INDEXES = ("*.safetensors.index.json",)
DATA = (
    "*.jinja",
    "*.model",
    "*.safetensors",
    "*.spm",
    "*.txt",
    "added_tokens.json",
    "artists.json",
    "bpe.codes",
    "byte_maps.json",
    "config_sentence_transformers.json",  # what sentence-transformers reads is checked where we read it
    "emoji.json",
    "entity_vocab.json",
    "genres.json",
    "lyrics.json",
    "modules.json",
    "normalizer.json",
    "prophetnet.tokenizer",
    "sentence_*_config.json",
    "target_vocab.json",
    "tekken.json",
    "tokenizer.*.json",
    "tokenizer.json",
    "vocab*.json",
    "word_pronunciation.json",
    "word_shape.json",
)

MOST_ENTRIES = 20_000  # files and directories of a model
MOST_FILES = 2_000  # that a view holds
DEEPEST = 4  # directories
MOST_BYTES = 64 * 2**20  # of all configs and indexes together
MOST_DATA_BYTES = 512 * 2**20  # of any other file than weights


def is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether the last part of a file's name fits one of the patterns."""
    last = name.rpartition("/")[2]
    return any(fnmatchcase(last, pattern) for pattern in patterns)


def names(directory: Path) -> list[str]:
    """Names of the files in a model, without those that are hidden, in hidden directories, or too deep.

    Links to directories are not followed.

    Raises:
        ModelUnsupported: there are too many.
    """
    return list(_names(directory))


def listed(directory: Path, names: Iterable[str]) -> dict[str, Path]:
    """Those files of a model that a view holds: name in the model -> the regular file that it stands for.

    A file may be a link, as in the hub's cache. It must end inside the model, or for a snapshot of that cache among the
    blobs of its repository.

    Raises:
        ModelUnsupported: a link leads out of the model, a file is too large, or there are too many.
    """
    root = directory.resolve()
    roots = (root, *_blobs(root))
    read = [name for name in names if is_one_of(name, (*CONFIGS, *INDEXES, *DATA))]
    if len(read) > MOST_FILES:
        raise _unsupported(f"at most {MOST_FILES} files that are read", str(len(read)))
    found = {name: _resolved(root, name, roots) for name in read}
    total = sum(path.stat().st_size for name, path in found.items() if is_one_of(name, (*CONFIGS, *INDEXES)))
    if total > MOST_BYTES:
        raise _unsupported(f"at most {MOST_BYTES} bytes of configs", str(total))
    return found


def _names(root: Path) -> Iterator[str]:
    entries = 0
    for place, directories, files in os.walk(root):
        entries += len(directories) + len(files)
        if entries > MOST_ENTRIES:
            raise _unsupported(f"at most {MOST_ENTRIES} files and directories", "more")
        relative = Path(place).relative_to(root)
        shallow = len(relative.parts) < DEEPEST
        directories[:] = sorted(name for name in directories if shallow and not name.startswith("."))
        yield from ((relative / name).as_posix() for name in sorted(files) if not name.startswith("."))


def _resolved(root: Path, name: str, roots: tuple[Path, ...]) -> Path:
    try:
        real = (root / name).resolve(strict=True)
        found = real.stat()
    except (OSError, RuntimeError):
        raise _unsupported("regular files", f"a link that ends nowhere, {shown(name)}") from None
    if not any(real.is_relative_to(inside) for inside in roots):
        raise _unsupported("only files of its own", f"a link that leads out of the model, {shown(name)}")
    if not stat.S_ISREG(found.st_mode):
        raise _unsupported("regular files", f"something else, {shown(name)}")
    if found.st_size > MOST_DATA_BYTES and not name.endswith(".safetensors"):
        raise _unsupported(f"at most {MOST_DATA_BYTES} bytes in a file", f"{found.st_size} in {shown(name)}")
    return real


def read(path: Path) -> bytes:
    """The content of a config or an index, which may have grown since it was listed.

    Raises:
        ModelUnsupported: it has too many bytes.
    """
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _unsupported(f"at most {MOST_BYTES} bytes", f"more in {shown(path.name)}")
    return content


def _blobs(root: Path) -> tuple[Path, ...]:
    """Where the files of a snapshot in the hub's cache lie: models--org--name/snapshots/COMMIT links to its blobs."""
    blobs = root.parent.parent / "blobs"
    return (blobs,) if root.parent.name == "snapshots" and blobs.resolve() == blobs else ()


def shown(name: str) -> str:
    """A name that the model's author chose, as errors show it."""
    return repr(name[:80])


def _unsupported(expected: str, found: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"expected a model with {expected}, found {found}", path="model", remedy="Correct the model, or name another."
    )
