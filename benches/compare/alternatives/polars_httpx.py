"""polars and httpx: the whole file in memory, all cores, four requests in flight."""

import asyncio
import sys

import httpx
import polars as pl

FIELDS = [
    "id", "name", "owner_email", "amount", "currency",
    "stage", "close_date", "probability", "is_won", "note",
]
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

path, url = sys.argv[1:]
closes = pl.col("close_date")
frame = (
    pl.read_csv(path, infer_schema=False, new_columns=FIELDS)
    .lazy()
    .with_columns(
        pl.col("amount").str.replace_all(",", "", literal=True).cast(pl.Float64),
        pl.col("probability").cast(pl.Float64),
        pl.coalesce(
            closes.str.to_date("%d/%m/%Y", strict=False),
            closes.str.to_date("%Y-%m-%d", strict=False),
        ).dt.to_string("%Y-%m-%d"),
        pl.col("is_won").str.to_lowercase().replace_strict(TRUTH, return_dtype=pl.Boolean),
        pl.when(pl.col("note") != "").then(pl.col("note")),
    )
    .collect()
)
if frame["close_date"].null_count():
    sys.exit("a date cannot be read")


async def work(client, parts):
    # Every worker takes its next part from the same iterator.
    for part in parts:
        body = b'{"items":' + part.write_json().encode() + b"}"
        headers = {"Content-Type": "application/json"}
        (await client.post(url, content=body, headers=headers)).raise_for_status()


async def main():
    parts = frame.iter_slices(5000)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await asyncio.gather(*(work(client, parts) for _ in range(4)))


asyncio.run(main())
