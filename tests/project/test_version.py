"""A release has one version, in its tag and in all that it is made of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.check_version import PLACES, ROOT, problems


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that have the version, at 1.2.3 and released."""
    current = next(line for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    for file in PLACES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
        replace(tmp_path / file, current.split('"')[1], "1.2.3")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2030-01-31)\n\n## 1.2.2 (2030-01-01)\n")
    return tmp_path


def replace(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))


def test_this_checkout_has_one_version() -> None:
    assert list(problems(ROOT)) == []


def test_a_tag_of_the_same_version_is_right(checkout: Path) -> None:
    assert list(problems(checkout, "v1.2.3")) == []


@pytest.mark.parametrize("file", PLACES)
def test_a_file_that_was_forgotten_is_named_with_its_field(checkout: Path, file: str) -> None:
    replace(checkout / file, "1.2.3", "1.2.2")
    assert list(problems(checkout, "v1.2.3")) == [
        f"WrongVersion: expected 1.2.3, as in v1.2.3, found 1.2.2 - at {PLACES[file]} of {file}. "
        "Set one version in all files, and run `uv lock`."
    ]


def test_a_tag_of_another_version_differs_from_every_file(checkout: Path) -> None:
    assert len(list(problems(checkout, "v2.0.0"))) == len(PLACES) + 1  # and the changelog


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v1.2.3-rc1", "clients/go/v1.2.3"])
def test_a_tag_of_another_form_is_refused(checkout: Path, tag: str) -> None:
    (problem,) = problems(checkout, tag)
    assert problem.startswith(f'WrongVersion: expected a tag like v1.2.3, found "{tag}"')


def test_a_release_needs_its_date_in_the_changelog(checkout: Path) -> None:
    replace(checkout / "CHANGELOG.md", "1.2.3 (2030-01-31)", "1.2.3")
    (problem,) = problems(checkout, "v1.2.3")
    assert problem.startswith('WrongVersion: expected "1.2.3 (YYYY-MM-DD)", found "1.2.3"')


def test_a_version_can_be_prepared_but_not_tagged_while_the_changelog_calls_it_unreleased(checkout: Path) -> None:
    replace(checkout / "CHANGELOG.md", "1.2.3 (2030-01-31)", "1.2.3 (unreleased)")
    assert list(problems(checkout)) == []
    (problem,) = problems(checkout, "v1.2.3")
    assert 'found "1.2.3 (unreleased)" - at the first heading of CHANGELOG.md' in problem
