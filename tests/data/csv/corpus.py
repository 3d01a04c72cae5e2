#!/usr/bin/env python3
"""Writes corpus.jsonl: small CSV texts, and how Python's csv module reads them with strict=True.

    python3 corpus.py > corpus.jsonl

Each line is [dialect, text, rows, error]: `dialect` counts the lines of DIALECTS, `rows` are those
that Python reads, without blank lines, before `error`: null, "text" (behind a closing quote) or "end"
(of the data within a record).

Texts are read as from a file that was opened with newline='', as Python's documentation asks for: a
lone CR ends a line too. Left out is what Python reads in another way than this program, on purpose:

- An escape before a CRLF. Python escapes the CR alone, and the LF ends the record. Here CRLF is one
  line end: MySQL writes one in a cell so, where its lines end in CRLF.
- An escaped line end in a last line that has no line end itself. Python refuses it, though RFC 4180
  lets the last record go without one, and Python takes it where nothing was escaped before.
"""

import csv
import io
import itertools
import json
import random
import re

DIALECTS = [
    {},
    {"escapechar": "\\"},
    {"quoting": csv.QUOTE_NONE},
    {"quoting": csv.QUOTE_NONE, "escapechar": "\\"},
]

# All texts of these symbols up to so many, for each dialect.
SHORT = [('",\n\ra', 4), ('",\n\\a', 4), ('",\n\ra', 3), ('",\n\\\ra', 3)]

# And so many random ones of these pieces.
RANDOM = 400
PIECES = ['"', '"', '"', '""', ",", ",", "\n", "\r", "\r\n", "\\", "\\", '\\"', '","', '"\n"', "a", "b c", " ", ";", "é", "\ufeff"]


def read(text, dialect):
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, **dialect)
    try:
        for row in reader:
            if row:
                rows.append(row)
    except csv.Error as error:
        words = str(error)
        assert words == "unexpected end of data" or words.endswith("expected after '\"'"), words
        return rows, "end" if words.startswith("unexpected") else "text"
    return rows, None


def is_read_otherwise(text, dialect):
    is_unended = re.search(r"\\[\r\n]", text) and text[-1] not in "\r\n"
    return "escapechar" in dialect and ("\\\r\n" in text or is_unended)


def texts(random, symbols, longest):
    for length in range(1, longest + 1):
        yield from map("".join, itertools.product(symbols, repeat=length))
    for _ in range(RANDOM):
        yield "".join(random.choices(PIECES, k=random.randint(5, 16)))


def main():
    generator = random.Random(4180)
    for number, (dialect, short) in enumerate(zip(DIALECTS, SHORT)):
        for text in texts(generator, *short):
            if is_read_otherwise(text, dialect):
                continue
            line = [number, text, *read(text, dialect)]
            print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
