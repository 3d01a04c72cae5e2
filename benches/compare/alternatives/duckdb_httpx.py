"""DuckDB and httpx: SQL makes the bodies on all cores, four requests in flight."""

import asyncio
import sys

import duckdb
import httpx

FIELDS = [
    "id", "name", "owner_email", "amount", "currency",
    "stage", "close_date", "probability", "is_won", "note",
]
BODIES = """
    SELECT '{"items":[' || string_agg(record, ',') || ']}'
    FROM (
        SELECT (row_number() OVER () - 1) // 5000 AS part, to_json({
            id: id, name: name, owner_email: owner_email,
            amount: replace(amount, ',', '')::DOUBLE,
            currency: currency, stage: stage,
            close_date: strftime(strptime(close_date, ['%d/%m/%Y', '%Y-%m-%d']), '%Y-%m-%d'),
            probability: probability::DOUBLE,
            is_won: CASE lower(is_won)
                WHEN 'true' THEN true WHEN 'yes' THEN true WHEN '1' THEN true
                WHEN 'false' THEN false WHEN 'no' THEN false WHEN '0' THEN false
                ELSE error('not a yes or no') END,
            note: nullif(note, '')
        }) AS record
        FROM read_csv(?, header = true, all_varchar = true, names = ?)
    )
    GROUP BY part
"""

path, url = sys.argv[1:]
bodies = duckdb.execute(BODIES, [path, FIELDS])


async def work(client, parts):
    # Every worker takes its next body from the same iterator.
    for (body,) in parts:
        headers = {"Content-Type": "application/json"}
        (await client.post(url, content=body.encode(), headers=headers)).raise_for_status()


async def main():
    parts = iter(bodies.fetchone, None)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await asyncio.gather(*(work(client, parts) for _ in range(4)))


asyncio.run(main())
