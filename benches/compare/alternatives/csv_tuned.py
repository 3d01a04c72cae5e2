"""The standard library as fast as it goes: csv.reader, each date and word converted once, JSON
without spaces and escapes."""

import csv
import json
import sys
from datetime import date
from itertools import islice

import requests


class Dates(dict):
    def __missing__(self, text):
        if text[2:3] == "/":
            day, month, year = text.split("/")
        else:
            year, month, day = text.split("-")
        found = date(int(year), int(month), int(day)).isoformat()
        self[text] = found
        return found


class Words(dict):
    KNOWN = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

    def __missing__(self, word):
        found = self[word] = self.KNOWN[word.lower()]
        return found


class Numbers(dict):
    def __missing__(self, text):
        found = self[text] = float(text)
        return found


path, url = sys.argv[1:]
dates, words, shares = Dates(), Words(), Numbers()
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
headers = {"Content-Type": "application/json"}
with open(path, newline="", encoding="utf-8") as file, requests.Session() as session:
    session.trust_env = False
    rows = csv.reader(file)
    next(rows)
    while chunk := list(islice(rows, 5000)):
        items = [
            {
                "id": id,
                "name": name,
                "owner_email": owner,
                "amount": float(amount.replace(",", "")),
                "currency": currency,
                "stage": stage,
                "close_date": dates[closes],
                "probability": shares[probability],
                "is_won": words[won],
                "note": note or None,
            }
            for id, name, owner, amount, currency, stage, closes, probability, won, note in chunk
        ]
        body = encode({"items": items}).encode()
        session.post(url, data=body, headers=headers).raise_for_status()
