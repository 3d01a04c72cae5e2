"""Replaces the table `deals` on workdays. The worker needs a QOBRA_PUSH_STATE_DIR that stays."""

import json
import subprocess
from datetime import datetime, timedelta

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import dag, task

PUSH = ["qobra-push", "/srv/exports/deals.csv", "--mapping", "/etc/qobra-push/deals.toml",
        "--all", "--debounce", "900", "--wait", "--output", "json"]
PERSON = {1, 2, 3, 4, 7}  # no try changes these; after every other code the same line again is right


@dag(schedule="0 6 * * 1-5", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def qobra_deals():
    @task(retries=5, retry_delay=timedelta(minutes=5), execution_timeout=timedelta(hours=3))
    def push() -> dict:
        pushed = subprocess.run(PUSH, stdout=subprocess.PIPE)  # what it says goes to the task's log
        receipt = json.loads(pushed.stdout or "{}")
        held = f"exit code {pushed.returncode}, the table is {receipt.get('table_state', 'not told')}"
        if pushed.returncode in PERSON:
            raise AirflowFailException(held)
        if pushed.returncode != 0:
            raise AirflowException(held)
        return {"run": receipt["run"], "table_state": receipt["table_state"], **receipt["counts"]}

    push()


qobra_deals()
