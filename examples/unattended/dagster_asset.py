"""The table `deals` as an asset. The worker needs a QOBRA_PUSH_STATE_DIR that stays."""

import json
import subprocess

import dagster as dg

PUSH = ["qobra-push", "/srv/exports/deals.csv", "--mapping", "/etc/qobra-push/deals.toml",
        "--all", "--debounce", "900", "--wait", "--output", "json"]
PERSON = {1, 2, 3, 4, 7}  # no try changes these; after every other code the same line again is right


@dg.asset(pool="qobra_deals")
def deals() -> dg.MaterializeResult:
    pushed = subprocess.run(PUSH, stdout=subprocess.PIPE)  # what it says goes to the step's log
    receipt = json.loads(pushed.stdout or "{}")
    held = {"exit_code": pushed.returncode, "table_state": receipt.get("table_state", "not told")}
    if pushed.returncode in PERSON:
        raise dg.Failure("a person has to look", metadata=held, allow_retries=False)
    if pushed.returncode != 0:
        raise dg.RetryRequested(max_retries=5, seconds_to_wait=300) from dg.Failure(metadata=held)
    return dg.MaterializeResult(metadata={"run": receipt["run"], **held, **receipt["counts"]})


defs = dg.Definitions(
    assets=[deals],
    schedules=[dg.ScheduleDefinition(name="workdays", target=deals, cron_schedule="0 6 * * 1-5",
                                     execution_timezone="Europe/Paris")],
)
