"""Checks the time range of gather-evidence."""

from datetime import datetime, timezone


def check_times(events, context):
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (events["From"], events["To"]))
    now = datetime.now(timezone.utc)
    if not start < end <= now:
        raise RuntimeError("Refused: want From before To and To not after now, %s: got %s and %s" % (
            now.strftime("%Y-%m-%dT%H:%M:%SZ"), events["From"], events["To"]))
    return {"From": str(int(start.timestamp() * 1000)), "To": str(int(end.timestamp() * 1000))}
