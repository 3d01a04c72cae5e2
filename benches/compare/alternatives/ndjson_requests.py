"""The first thing that works for NDJSON: json.loads of each line and requests."""

import json
import sys
from datetime import datetime
from itertools import islice

import requests

TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def number(value):
    return float(value.replace(",", "")) if isinstance(value, str) else value


def truth(value):
    return TRUTH[value.lower()] if isinstance(value, str) else value


def date(text):
    layout = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    return datetime.strptime(text, layout).date().isoformat()


def record(line):
    row = json.loads(line)
    return {
        "id": row["Deal ID"],
        "name": row["Deal Name"],
        "owner_email": row["Owner Email"],
        "amount": number(row["Amount"]),
        "currency": row["Currency"],
        "stage": row["Stage"],
        "close_date": date(row["Close Date"]),
        "probability": number(row["Probability"]),
        "is_won": truth(row["Is Won"]),
        "note": row["Note"] or None,
    }


path, url = sys.argv[1:]
with open(path, encoding="utf-8") as file, requests.Session() as session:
    records = map(record, file)
    while items := list(islice(records, 5000)):
        session.post(url, json={"items": items}).raise_for_status()
