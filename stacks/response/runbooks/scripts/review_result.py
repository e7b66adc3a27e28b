"""Saves how the access review ended."""

from datetime import datetime, timezone

from evidence_bucket import save_json


def save_result(events, context):
    save_json(events, events["Folder"] + "result.json", {
        "execution": events["Execution"], "result": events["Result"], "decisions": events["Decisions"],
        "time": datetime.now(timezone.utc).isoformat(),
    })
