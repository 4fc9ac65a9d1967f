"""Files for the service's account alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from db.private import put_file


def test_two_who_put_a_file_at_once_both_succeed(tmp_path: Path) -> None:
    """A command beside a running station keeps its session; whoever looks finds one or the other, whole."""
    file = tmp_path / "session"
    texts = [mark * 1_000 for mark in "ab"]

    def put(text: str) -> None:
        for _ in range(50):
            put_file(file, text)

    with ThreadPoolExecutor() as pool:
        list(pool.map(put, texts))

    assert file.read_text() in texts
    assert list(tmp_path.iterdir()) == [file], "parts are left over"
    assert file.stat().st_mode & 0o777 == 0o600
