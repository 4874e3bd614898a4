"""The store of input pictures: by content, bounded, shared by processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from pixelpact.service.uploads import ABANDONED_AFTER, Uploads

UNKNOWN = "0" * 64
HOUR = 3600


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def date_back(uploads: Uploads, digest: str, seconds: int) -> None:
    then = time.time() - seconds
    os.utime(uploads.folder / digest, (then, then))


def test_what_was_put_can_be_got_by_its_sha256(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)

    digest = uploads.put(b"picture")

    assert digest == sha256(b"picture").hexdigest()
    assert uploads.get(digest) == b"picture"


def test_nothing_at_all_is_something(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)

    assert uploads.get(uploads.put(b"")) == b""


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)

    assert uploads.put(b"picture") == uploads.put(b"picture")

    assert [path.name for path in tmp_path.iterdir()] == [sha256(b"picture").hexdigest()]


def test_what_was_never_put_is_none(tmp_path: Path) -> None:
    assert Uploads(tmp_path).get(UNKNOWN) is None


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "..",
        "../secret",
        f"../{'0' * 61}",
        "/etc/passwd",
        "A" * 64,
        "0" * 63,
        "0" * 65,
        UNKNOWN + "\n",
        UNKNOWN + "\0",
        "\u0660" * 64,
    ],
)
def test_what_is_no_digest_is_none(tmp_path: Path, digest: str) -> None:
    (tmp_path / "secret").write_bytes(b"of the operator")
    (tmp_path / "uploads").mkdir()

    assert Uploads(tmp_path / "uploads").get(digest) is None


def test_a_second_process_sees_what_the_first_put(tmp_path: Path) -> None:
    digest = Uploads(tmp_path).put(b"picture")

    assert Uploads(tmp_path).get(digest) == b"picture"


def test_the_least_recently_put_is_forgotten_first(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=300)
    digests = [uploads.put(bytes([number]) * 100) for number in range(4)]

    assert [uploads.get(digest) is not None for digest in digests] == [False, False, True, True]


def test_putting_again_renews(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=300)
    first, second = uploads.put(b"a" * 100), uploads.put(b"b" * 100)
    uploads.put(b"a" * 100)

    uploads.put(b"c" * 150)

    assert uploads.get(second) is None
    assert uploads.get(first) == b"a" * 100


def test_getting_renews(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=300)
    first, second = uploads.put(b"a" * 100), uploads.put(b"b" * 100)
    uploads.get(first)

    uploads.put(b"c" * 150)

    assert uploads.get(second) is None
    assert uploads.get(first) == b"a" * 100


def test_the_newest_stays_though_the_clock_went_back(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=300)
    date_back(uploads, uploads.put(b"a" * 200), -HOUR)

    digest = uploads.put(b"b" * 200)

    assert uploads.get(digest) == b"b" * 200
    assert size_of(tmp_path) == 200


def test_an_item_of_exactly_the_limit_is_kept(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=100)

    assert uploads.get(uploads.put(b"a" * 100)) == b"a" * 100


def test_an_item_beyond_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=100)

    with pytest.raises(ValueError, match="expected at most 100 bytes, received 101"):
        uploads.put(b"a" * 101)
    assert not list(tmp_path.iterdir())


def test_what_is_there_at_the_start_counts(tmp_path: Path) -> None:
    Uploads(tmp_path, limit_bytes=300).put(b"a" * 290)

    Uploads(tmp_path, limit_bytes=300).put(b"b" * 15)

    assert size_of(tmp_path) == 15


def test_what_other_processes_put_counts(tmp_path: Path) -> None:
    workers = [Uploads(tmp_path, limit_bytes=1600) for _ in range(3)]

    for number in range(300):
        workers[number % 3].put(number.to_bytes(2, "big") * 10)

    # Each may add a sixteenth before it looks again.
    assert 1000 < size_of(tmp_path) <= 1600 + 2 * 100


def test_what_others_put_after_the_start_counts(tmp_path: Path) -> None:
    first, second = Uploads(tmp_path, limit_bytes=1600), Uploads(tmp_path, limit_bytes=1600)

    for number in range(50):
        first.put(bytes([number]) * 20)
    for number in range(50):
        second.put(bytes([number]) * 21)

    assert size_of(tmp_path) <= 1600 + 100


@pytest.mark.parametrize("name", ["README.md", "notes", "notes.part", UNKNOWN + ".png"])
def test_foreign_files_are_neither_counted_nor_deleted(name: str, tmp_path: Path) -> None:
    foreign = tmp_path / name
    foreign.write_bytes(b"x" * 1000)
    uploads = Uploads(tmp_path, limit_bytes=300)

    digests = [uploads.put(bytes([number]) * 100) for number in range(4)]

    assert foreign.exists()
    assert uploads.get(digests[-1]) is not None


@pytest.mark.parametrize(("age", "stays"), [(0, True), (ABANDONED_AFTER // 10**9 + 60, False)])
def test_a_temporary_file_goes_once_it_is_abandoned(tmp_path: Path, age: int, stays: bool) -> None:
    temporary = tmp_path / f"{UNKNOWN}.abc.part"
    temporary.write_bytes(b"x" * 200)
    uploads = Uploads(tmp_path, limit_bytes=300)
    date_back(uploads, temporary.name, age)

    uploads.put(b"a" * 200)

    assert temporary.exists() == stays


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    uploads = Uploads(tmp_path)
    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(OSError, match="No space left"):
        uploads.put(b"picture")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were listed, one entry each time."""
    seen: list[Path] = []
    iterdir = Path.iterdir

    def noted(folder: Path) -> Iterator[Path]:
        seen.append(folder)
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", noted)
    return seen


def test_the_folder_is_looked_into_once_while_under_the_limit(tmp_path: Path, looks: list[Path]) -> None:
    uploads = Uploads(tmp_path, limit_bytes=16_000)

    for number in range(100):
        uploads.put(bytes([number]) * 10)

    assert looks == [tmp_path]


def test_a_full_folder_is_not_looked_into_at_each_put(tmp_path: Path, looks: list[Path]) -> None:
    uploads = Uploads(tmp_path, limit_bytes=1600)

    for number in range(1000):
        uploads.put(number.to_bytes(2, "big") * 5)

    # 10,000 bytes, a hundred at a time, and once at the start.
    assert len(looks) <= 101
    assert size_of(tmp_path) <= 1600


def test_threads_may_put_and_get_at_once(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_bytes=2000)

    def work(number: int) -> bool:
        data = (number % 50).to_bytes(1, "big") * 100
        return uploads.get(uploads.put(data)) in (data, None)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(2000)))
    assert size_of(tmp_path) <= 2000


WORKER = """
import sys
from pathlib import Path
from pixelpact.service.uploads import Uploads

uploads = Uploads(Path(sys.argv[1]), limit_bytes=2000)
for number in range(500):
    data = bytes([number % 50]) * 100
    assert uploads.get(uploads.put(data)) in (data, None)
"""


def test_processes_may_put_and_get_at_once(tmp_path: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, tmp_path]) for _ in range(3)]

    assert [worker.wait(timeout=20) for worker in workers] == [0, 0, 0]
    assert size_of(tmp_path) <= 2000 + 3 * 125


def test_a_private_folder_goes_with_the_store() -> None:
    with Uploads() as uploads:
        uploads.put(b"picture")
        assert uploads.folder.stat().st_mode & 0o777 == 0o700

    assert not uploads.folder.exists()


def test_closing_twice_is_harmless() -> None:
    uploads = Uploads()
    uploads.close()
    uploads.close()


def test_a_private_folder_goes_when_nobody_holds_the_store() -> None:
    uploads = Uploads()
    folder = uploads.folder
    del uploads

    assert not folder.exists()


def test_a_given_folder_is_made_and_stays(tmp_path: Path) -> None:
    with Uploads(tmp_path / "a" / "b") as uploads:
        digest = uploads.put(b"picture")

    assert (tmp_path / "a" / "b" / digest).read_bytes() == b"picture"


FORKING = """
import os
from pixelpact.service.uploads import Uploads

uploads = Uploads()
digest = uploads.put(b"picture")
child = os.fork()
if child == 0:
    raise SystemExit(0)  # with all that is to be done at exit
os.waitpid(child, 0)
assert uploads.get(digest) == b"picture", "the child took the folder along"
print(uploads.folder)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_private_folder_goes_with_the_process_that_made_it_and_not_with_its_fork() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=20, check=False)

    assert done.stderr == ""
    assert not Path(done.stdout.strip()).exists()
