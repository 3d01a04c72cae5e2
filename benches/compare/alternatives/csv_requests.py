"""The first thing that works: csv.DictReader and requests, one request after another."""

import csv
import sys
from datetime import datetime
from itertools import islice

import requests

TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def number(text):
    return float(text.replace(",", ""))


def date(text):
    layout = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    return datetime.strptime(text, layout).date().isoformat()


def record(row):
    return {
        "id": row["Deal ID"],
        "name": row["Deal Name"],
        "owner_email": row["Owner Email"],
        "amount": number(row["Amount"]),
        "currency": row["Currency"],
        "stage": row["Stage"],
        "close_date": date(row["Close Date"]),
        "probability": number(row["Probability"]),
        "is_won": TRUTH[row["Is Won"].lower()],
        "note": row["Note"] or None,
    }


path, url = sys.argv[1:]
with open(path, newline="", encoding="utf-8") as file, requests.Session() as session:
    records = map(record, csv.DictReader(file))
    while items := list(islice(records, 5000)):
        session.post(url, json={"items": items}).raise_for_status()
