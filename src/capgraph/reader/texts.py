"""A file or a string as characters that can be pointed at: decoded, without mark-up, cut into sentences.

Every offset of the reader counts characters of the decoded text from its start, and nothing moves them: mark-up is
blanked with as many spaces, and wide letters become narrow ones one for one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from capgraph.errors import DataProblem, UsageProblem

LARGEST = 64_000_000
"""Bytes; a longer text is refused, because it is no article."""
LONGEST = 1000
"""Characters; a sentence without an end is cut here, so that no pattern runs over a whole file."""

_FORMATS = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"\x7fELF": "a program",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_LIKELY = ("gb18030", "big5", "cp1252", "cp932", "cp949", "euc_jp")
"""What a Chinese or English text may be written in, the likeliest first. (More would fit anything to something.)"""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_COMMON = re.compile(r"[\t\n\r -~\u00a0-\u024f\u2010-\u203b\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_STOP = re.compile(r"[ ,.\n，。、]")
_MOSTLY = 0.98
_SAMPLE = 100_000

_NARROW = {
    **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **{ord(wide): narrow for wide, narrow in zip("％＄￥＆．／－～~　\u00a0’‘・‧•", "%$¥&./---  ''···", strict=True)},
}

_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.I | re.S)
_BLOCK = re.compile(r"</?(?:p|div|br|li|tr|td|th|h[1-6]|title|section|article|blockquote|ul|ol|table)\b[^>]*>", re.I)
_TAG = re.compile(r"<[^<>]*>")
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|#160|#xa0);", re.I)

_END = re.compile(r"[。！？!?]+[”’」』）)\"']*|\.[”’)\"']*(?=\s+[^a-z\s])|[\r\n\v\f\u2028\u2029]+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Inc|Corp|Co|Ltd|Cos|Bros|Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e|approx|est|Jan|Feb|Mar|Apr|Jun|Jul|Aug|"
    r"Sept?|Oct|Nov|Dec|U\.S|U\.K|N\.V|S\.A)|(?<![A-Za-z])[A-Z])\.$"
)
_SOFT = re.compile(r"[，,；;、\s]")


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded text, and how it was read. ``plain`` has the same length as ``content``: narrow letters, no mark-up."""

    content: str
    plain: str
    encoding: str
    html: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: where it starts in the text, and its characters as written and as patterns see them."""

    start: int
    text: str
    plain: str


def content(file: Path) -> bytes:
    """The bytes of a file, no more than just beyond :data:`LARGEST`. Raises UsageProblem where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageProblem(f"{file} cannot be read ({error.strerror})") from error


def decode(data: bytes, name: str = "text") -> Text:
    """The text that some bytes are: UTF-8 or UTF-16 (with or without a byte-order mark), else what its bytes fit best.

    Raises DataProblem for what is no text, for bytes that fit no encoding (with the place of the first bad byte of
    UTF-8) and for more than :data:`LARGEST` bytes.

    >>> decode("软银".encode("gb18030")).encoding
    'GB18030'
    """
    if len(data) > LARGEST:
        raise DataProblem(f"{name}: a text of more than {LARGEST:,} bytes is not read; read it in parts")
    for start, what in _FORMATS.items():
        if data.startswith(start):
            raise DataProblem(f"{name}: {what}, not a text; save it as plain text first")
    content, encoding = _decoded(data, name)
    return prepared(content, encoding)


def prepared(content: str, encoding: str = "") -> Text:
    """A string made ready: mark-up blanked where it is a web page, wide letters narrowed."""
    html = _HTML.match(content[:5000]) is not None
    plain = (_without_markup(content) if html else content).translate(_NARROW)
    return Text(content, plain, encoding, html)


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    for mark, codec, told in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(codec), told
            except UnicodeDecodeError as error:
                raise DataProblem(f"{name}: byte {error.start}: not {told}, though it begins like it") from error
    if not _CONTROL.search(data[:_SAMPLE]):
        try:
            return data.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError as error:
            return _guessed(data, name, error.start)
    for codec in ("utf-16-le", "utf-16-be"):
        if (text := _wide(data, codec)) is not None:
            return text, "UTF-16"
    raise DataProblem(f"{name}: control bytes, as in programs and pictures; not a text")


def _wide(data: bytes, codec: str) -> str | None:
    """UTF-16 without a mark: nearly all of its signs are common ones, and a space, stop or comma is among them."""
    if len(data) % 2:
        return None
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    sample = text[:_SAMPLE]
    common = len(_COMMON.findall(sample))
    return text if _STOP.search(sample) and common >= _MOSTLY * len(sample) else None


def _guessed(data: bytes, name: str, bad: int) -> tuple[str, str]:
    """What the bytes fit best by charset-normalizer, once they are not UTF-8; of equals the first of the likely.

    A file that is UTF-8 up to a few broken bytes is refused: guessing would turn all of it into other letters.
    """
    if bad > 3 and any(byte > 0x7F for byte in data[:bad]) and _nearly_utf8(data):
        raise DataProblem(f"{name}: byte {bad}: not UTF-8, though the text before it is; encodings are mixed")
    from charset_normalizer import from_bytes

    start = max(0, bad - 2000)
    fits = list(from_bytes(_sample(data, start), steps=10, chunk_size=2000, cp_isolation=list(_LIKELY)))
    fits.sort(key=lambda fit: (fit.chaos, _LIKELY.index(fit.encoding)))
    for fit in fits:
        try:
            return data.decode(fit.encoding), fit.encoding.upper()
        except UnicodeDecodeError:
            continue
    raise DataProblem(f"{name}: byte {bad}: not UTF-8, and in no other usual encoding throughout")


def _sample(data: bytes, start: int) -> bytes:
    """A part of the bytes that ends with a byte that is never the second of a sign."""
    part = data[start : start + _SAMPLE]
    if len(data) <= start + _SAMPLE:
        return part
    end = max((part.rfind(byte) for byte in (b"\n", b" ", b"\r", b",", b".")), default=-1)
    return part[: end + 1] or part


def _nearly_utf8(data: bytes) -> bool:
    """Whether most of what is not ASCII reads as UTF-8."""
    sample = data[:_SAMPLE]
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    high = sum(byte > 0x7F for byte in sample)
    return broken * 10 < high


def _without_markup(content: str) -> str:
    """Tags, scripts and comments as spaces, ends of blocks as ends of lines; as long as before."""
    plain = _UNSEEN.sub(lambda found: " " * len(found[0]), content)
    plain = _BLOCK.sub(lambda found: "\n" + " " * (len(found[0]) - 1), plain)
    plain = _TAG.sub(lambda found: " " * len(found[0]), plain)
    plain = _ENTITY.sub(lambda found: " " * len(found[0]), plain)
    return plain.replace("&amp;", "&    ")


def sentences(text: Text) -> Iterator[Sentence]:
    """The sentences in order, without the space around them; one without an end is cut after :data:`LONGEST` signs.

    >>> [told.text for told in sentences(prepared("SoftBank Corp. paid. 软银付款。Done"))]
    ['SoftBank Corp. paid.', '软银付款。', 'Done']
    """
    plain = text.plain
    start = 0
    for found in _END.finditer(plain):
        if found[0].startswith(".") and _ABBREVIATED.search(plain, max(start, found.start() - 12), found.start() + 1):
            continue
        yield from _cut(text, start, found.end())
        start = found.end()
    yield from _cut(text, start, len(plain))


def _cut(text: Text, start: int, end: int) -> Iterator[Sentence]:
    while end - start > LONGEST:
        limit = start + LONGEST
        stop = next((place for place in range(limit, limit - 300, -1) if _SOFT.match(text.plain, place)), limit)
        yield from _trimmed(text, start, stop)
        start = stop
    yield from _trimmed(text, start, end)


def _trimmed(text: Text, start: int, end: int) -> Iterator[Sentence]:
    part = text.plain[start:end]
    begin = start + len(part) - len(part.lstrip())
    stop = start + len(part.rstrip())
    if begin < stop:
        yield Sentence(begin, text.content[begin:stop], text.plain[begin:stop])
