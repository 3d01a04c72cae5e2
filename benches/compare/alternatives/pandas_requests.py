"""pandas: its own parser, whole columns at a time, to_json and requests."""

import sys

import pandas
import requests

FIELDS = [
    "id", "name", "owner_email", "amount", "currency",
    "stage", "close_date", "probability", "is_won", "note",
]
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def date(text):
    layout = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    return pandas.to_datetime(text, format=layout).strftime("%Y-%m-%d")


dates, words = {}, {}


def through(known, convert, column):
    """The column, each distinct text of it converted once."""
    for text in column.unique():
        if text not in known:
            known[text] = convert(text)
    return column.map(known)


path, url = sys.argv[1:]
kinds = dict.fromkeys(FIELDS, str) | {"amount": float, "probability": float}
parts = pandas.read_csv(
    path,
    header=0,
    names=FIELDS,
    dtype=kinds,
    thousands=",",
    keep_default_na=False,
    float_precision="round_trip",
    chunksize=50_000,
)
headers = {"Content-Type": "application/json"}
with requests.Session() as session:
    session.trust_env = False
    for part in parts:
        part["close_date"] = through(dates, date, part["close_date"])
        part["is_won"] = through(words, lambda word: TRUTH[word.lower()], part["is_won"])
        part["note"] = part["note"].astype(object).where(part["note"] != "", None)
        for start in range(0, len(part), 5000):
            items = part.iloc[start : start + 5000].to_json(
                orient="records", force_ascii=False, double_precision=15
            )
            body = b'{"items":' + items.encode() + b"}"
            session.post(url, data=body, headers=headers).raise_for_status()
