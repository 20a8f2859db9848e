"""What every report store keeps of its port's promises.

A test file of an adapter inherits the suite and overrides one fixture.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from vehicles.domain.errors import InvalidReportKey, ReportChanged, ReportNotFound
from vehicles.ports.report_store import Report, ReportStore, Tag

KEY = "summaries/year=2026/week=47/summary.json"
JSON = "application/json"
THREADS = 16
HOSTILE_KEYS = (
    "",
    "/",
    ".",
    "..",
    "../x.json",
    "a/../x.json",
    "a/./x.json",
    "/etc/passwd.json",
    "a//x.json",
    "a/x.json/",
    "a\\x.json",
    "x\x00.json",
    "Summary.json",
    "\u017f.json",
    "x y.json",
    "x.json\n",
    ".x.json",
    "a/.x.json",
    "a.b/x.json",
    "folder",
    "a/b",
    f"{'a' * 196}.json",  # 201 characters
)


def written(store: ReportStore, *keys: str) -> None:
    for key in keys:
        store.write(key, key.encode(), media_type=JSON)


class ReportStoreContract:
    """The promises of `ReportStore`."""

    @pytest.fixture
    def store(self) -> ReportStore:
        """Return a store without any report."""
        raise NotImplementedError

    # --- read and write ---

    @pytest.mark.parametrize("content", (b"{}", b"", b"\x00\xff\r\n\x1a", "\N{ARTICULATED LORRY}".encode()))
    def test_written_content_comes_back(self, store: ReportStore, content: bytes) -> None:
        store.write(KEY, content, media_type=JSON)
        assert content == store.read(KEY).content

    def test_large_content_comes_back(self, store: ReportStore) -> None:
        content = bytes(range(256)) * 20_000  # 5 MB
        store.write(KEY, content, media_type=JSON)
        assert content == store.read(KEY).content

    def test_write_returns_tag_read(self, store: ReportStore) -> None:
        tag = store.write(KEY, b"{}", media_type=JSON)
        assert Report(b"{}", tag) == store.read(KEY)

    def test_last_write_is_read(self, store: ReportStore) -> None:
        store.write(KEY, b"a longer first", media_type=JSON)
        store.write(KEY, b"second", media_type=JSON)
        assert store.read(KEY).content == b"second"

    def test_equal_contents_equal_tags(self, store: ReportStore) -> None:
        assert store.write(KEY, b"{}", media_type=JSON) == store.write(KEY, b"{}", media_type=JSON)

    def test_other_content_other_tag(self, store: ReportStore) -> None:
        assert store.write(KEY, b"{}", media_type=JSON) != store.write(KEY, b"[]", media_type=JSON)

    def test_write_changes_no_other(self, store: ReportStore) -> None:
        written(store, "a/x.json", "a/y.json")
        assert store.read("a/x.json").content == b"a/x.json"

    def test_read_of_nothing_raises(self, store: ReportStore) -> None:
        with pytest.raises(ReportNotFound):
            store.read(KEY)

    @pytest.mark.parametrize("key", ("summaries/x.json", "summaries.json", "summaries/year=2026.json"))
    def test_neighbour_is_not_read(self, store: ReportStore, key: str) -> None:
        written(store, KEY)
        with pytest.raises(ReportNotFound):
            store.read(key)

    def test_longest_key_is_kept(self, store: ReportStore) -> None:
        key = f"{'a' * 195}.json"
        written(store, key)
        assert key.encode() == store.read(key).content

    # --- write_if ---

    def test_first_write_if_nothing(self, store: ReportStore) -> None:
        tag = store.write_if(KEY, b"1", media_type=JSON, expected=None)
        assert Report(b"1", tag) == store.read(KEY)

    def test_write_if_expected_tag(self, store: ReportStore) -> None:
        tag = store.write(KEY, b"1", media_type=JSON)
        store.write_if(KEY, b"2", media_type=JSON, expected=tag)
        assert store.read(KEY).content == b"2"

    def test_returned_tag_is_expected_next(self, store: ReportStore) -> None:
        tag = store.write_if(KEY, b"1", media_type=JSON, expected=None)
        store.write_if(KEY, b"2", media_type=JSON, expected=tag)
        assert store.read(KEY).content == b"2"

    def test_stale_write_if_raises(self, store: ReportStore) -> None:
        tag = store.write(KEY, b"1", media_type=JSON)
        store.write(KEY, b"2", media_type=JSON)
        with pytest.raises(ReportChanged):
            store.write_if(KEY, b"3", media_type=JSON, expected=tag)

    def test_stale_write_if_changes_nothing(self, store: ReportStore) -> None:
        tag = store.write(KEY, b"1", media_type=JSON)
        store.write(KEY, b"2", media_type=JSON)
        with pytest.raises(ReportChanged):
            store.write_if(KEY, b"3", media_type=JSON, expected=tag)
        assert store.read(KEY).content == b"2"

    def test_write_if_nothing_raises_on_something(self, store: ReportStore) -> None:
        store.write(KEY, b"", media_type=JSON)
        with pytest.raises(ReportChanged):
            store.write_if(KEY, b"2", media_type=JSON, expected=None)

    def test_write_if_something_raises_on_nothing(self, store: ReportStore) -> None:
        tag = store.write("other.json", b"1", media_type=JSON)
        with pytest.raises(ReportChanged):
            store.write_if(KEY, b"1", media_type=JSON, expected=tag)

    def test_refused_write_if_adds_nothing(self, store: ReportStore) -> None:
        tag = store.write("other.json", b"1", media_type=JSON)
        with pytest.raises(ReportChanged):
            store.write_if(KEY, b"1", media_type=JSON, expected=tag)
        assert list(store.keys()) == ["other.json"]

    # --- keys ---

    def test_empty_store_has_no_keys(self, store: ReportStore) -> None:
        assert list(store.keys()) == []

    def test_keys_ascend(self, store: ReportStore) -> None:
        keys = ["b/x.json", "a/c.json", "a.json", "a=/x.json", "a/b/c.json", "a-b.json", "a0.json"]
        written(store, *keys)
        assert sorted(keys) == list(store.keys())

    def test_key_stands_once(self, store: ReportStore) -> None:
        written(store, KEY, KEY)
        assert list(store.keys()) == [KEY]

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        (
            ("a/", ["a/x.json", "a/y.json"]),
            ("a", ["a/x.json", "a/y.json", "ab/x.json"]),
            ("a/x", ["a/x.json"]),
            ("a/x.json", ["a/x.json"]),
            ("c", []),
            ("/", []),
            ("../", []),
            ("*", []),
            ("A", []),
        ),
    )
    def test_prefix_chooses_keys(self, store: ReportStore, prefix: str, expected: list[str]) -> None:
        written(store, "a/x.json", "a/y.json", "ab/x.json", "b/x.json")
        assert expected == list(store.keys(prefix))

    # --- hostile keys ---

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_hostile_key_is_not_read(self, store: ReportStore, key: str) -> None:
        with pytest.raises(InvalidReportKey):
            store.read(key)

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_hostile_key_is_not_written(self, store: ReportStore, key: str) -> None:
        with pytest.raises(InvalidReportKey):
            store.write(key, b"", media_type=JSON)

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_hostile_key_is_not_written_if(self, store: ReportStore, key: str) -> None:
        with pytest.raises(InvalidReportKey):
            store.write_if(key, b"", media_type=JSON, expected=None)

    # --- races ---

    def contend(self, store: ReportStore, expected: Tag | None, name: str) -> list[Tag]:
        barrier = Barrier(THREADS)

        def attempt(thread: int) -> Tag | None:
            barrier.wait()
            try:
                return store.write_if(KEY, f"{name} {thread}".encode(), media_type=JSON, expected=expected)
            except ReportChanged:
                return None

        with ThreadPoolExecutor(THREADS) as threads:
            return [tag for tag in threads.map(attempt, range(THREADS)) if tag is not None]

    def test_one_write_if_wins(self, store: ReportStore) -> None:
        tag: Tag | None = None
        for number in range(5):
            (tag,) = self.contend(store, tag, f"round {number}")
        assert tag == store.read(KEY).tag

    def test_reader_sees_whole_contents(self, store: ReportStore) -> None:
        contents = [bytes([letter]) * 300_000 for letter in b"abcd"]
        store.write(KEY, contents[0], media_type=JSON)

        def write(content: bytes) -> None:
            for _ in range(5):
                store.write(KEY, content, media_type=JSON)

        with ThreadPoolExecutor(len(contents)) as threads:
            writers = [threads.submit(write, content) for content in contents]
            seen: set[bytes] = {store.read(KEY).content}
            while not all(writer.done() for writer in writers):
                seen.add(store.read(KEY).content)
        for writer in writers:
            writer.result()
        assert seen <= set(contents)

    def test_concurrent_writes_keep_all(self, store: ReportStore) -> None:
        keys = [f"year=2026/week={number:02d}/summary.json" for number in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(partial(written, store), keys))
        assert keys == list(store.keys())
