"""A file is a text or refused with the reason; places in it never move; nothing without an end runs away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.errors import DataProblem, UsageProblem
from capgraph.reader import texts
from capgraph.reader.texts import LONGEST, decode, prepared, sentences

CHINESE = "软银以58.3亿美元出售英伟达股份，清仓离场。孙正义表示将投资人工智能。" * 3


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"), ("gb18030", "GB18030"),
    ],
)  # fmt: skip
def test_every_usual_encoding_of_chinese_is_read_and_told(codec: str, told: str) -> None:
    text = decode(CHINESE.encode(codec))
    assert (text.content, text.encoding) == (CHINESE, told)


def test_english_in_utf_16_without_a_mark_is_a_text() -> None:
    told = "SoftBank sold its Nvidia shares.\n"
    assert decode(told.encode("utf-16-le")).content == told


@pytest.mark.parametrize(
    ("told", "codec"),
    [
        ("Nvidia was paid £5bn – said “SoftBank” – for the café.", "cp1252"),
        ("軟銀出售輝達股份，套現五十八億美元。" * 4, "big5"),
        ("ソフトバンクはエヌビディア株を売却した。" * 4, "cp932"),
        ("软银", "gb18030"),
    ],
)
def test_another_encoding_is_guessed_and_told(told: str, codec: str) -> None:
    text = decode(told.encode(codec))
    assert (text.content, text.encoding) == (told, codec.upper())


def test_a_long_text_is_guessed_from_a_part_and_read_whole() -> None:
    told = "软银以五十八亿美元出售英伟达股份，" * 9000
    assert decode(told.encode("gb18030")).content == told


def test_utf_8_with_bytes_of_another_encoding_is_refused_with_the_place() -> None:
    good = "软银出售英伟达。".encode()
    with pytest.raises(DataProblem, match=rf"mixed\.txt: byte {len(good)}: .*encodings are mixed"):
        decode(good + "软银".encode("gb18030") + good * 20, "mixed.txt")


def test_bytes_of_no_encoding_are_refused_with_the_place() -> None:
    with pytest.raises(DataProblem, match=r"byte \d+"):
        decode(b"Nvidia \xff\xff\xff\xff\xfe\xff\xff\xff " * 9)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 ...", "a PDF document"), (b"PK\x03\x04....", "office document"), (b"\x89PNG\r\n", "a picture"),
        (bytes(range(256)) * 9, "not a text"), (b"abc\x00\x01\x02def", "not a text"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_by_what_it_is(data: bytes, what: str) -> None:
    with pytest.raises(DataProblem, match=what) as refused:
        decode(data, "file.bin")
    assert refused.value.exit_code == 3


def test_a_text_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(texts, "LARGEST", 100)
    file = tmp_path / "long.txt"
    file.write_text("a" * 500, encoding="utf-8")
    data = texts.content(file)
    assert len(data) == 101, "no more of the file is read than it takes to know"
    with pytest.raises(DataProblem, match="more than 100 bytes"):
        decode(data)


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot be read"):
        texts.content(tmp_path / "none.txt")
    with pytest.raises(UsageProblem, match="cannot be read"):
        texts.content(tmp_path)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_sentences_are_slices_of_the_text_in_order_and_hold_all_of_it(content: str) -> None:
    text = prepared(content)
    assert len(text.plain) == len(content)
    end = 0
    for sentence in sentences(text):
        assert content[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        assert len(sentence.plain) == len(sentence.text)
        assert not text.plain[end : sentence.start].strip(), "only space stands between sentences"
        end = sentence.start + len(sentence.text)
    assert not text.plain[end:].strip()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("SoftBank Group Corp. sold shares. It paid Mr. Son.", 2),
        ("The U.S. fund of J. Muse paid $5.83 billion. Then it left.", 2),
        ("软银出售股份。英伟达上涨！真的吗？是", 4),
        ("A heading\nA line", 2),
        ("", 0),
        (" \n\t ", 0),
    ],
)
def test_a_full_stop_ends_a_sentence_where_it_is_one(text: str, count: int) -> None:
    assert len(list(sentences(prepared(text)))) == count


def test_a_line_without_an_end_is_cut() -> None:
    found = list(sentences(prepared("软银，" * 5000)))
    assert max(len(sentence.text) for sentence in found) <= LONGEST
    assert sum(len(sentence.text) for sentence in found) == 15000


def test_a_web_page_is_read_without_its_tags_and_places_stay() -> None:
    page = (
        "<!DOCTYPE html><html><head><style>p {color: red}</style><script>var x = 'Nvidia paid';</script></head>"
        "<body><p>SoftBank sold&nbsp;<b>Nvidia</b> shares</p><p>Next</p></body></html>"
    )
    text = prepared(page)
    assert text.html
    assert len(text.plain) == len(page)
    told = [" ".join(sentence.plain.split()) for sentence in sentences(text)]
    assert told == ["SoftBank sold Nvidia shares", "Next"]
    assert page[text.plain.index("Nvidia") :].startswith("Nvidia</b>")


def test_a_text_that_speaks_of_tags_is_no_web_page() -> None:
    assert not prepared("5 < 6 and <b> is a tag. <html> too").html
