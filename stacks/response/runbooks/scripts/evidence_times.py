"""Checks the time range of gather-evidence."""

from datetime import datetime, timezone


def check_times(events, context):
    """Returns the times in milliseconds. Fails if they do not exist, are in the future or run backwards."""
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (events["From"], events["To"]))
    now = datetime.now(timezone.utc)
    if not start < end <= now:
        raise RuntimeError(
            f"Refused: From must be before To, and To not after now, {now:%Y-%m-%dT%H:%M:%SZ}: got {events['From']} and {events['To']}")
    return {"From": str(int(start.timestamp() * 1000)), "To": str(int(end.timestamp() * 1000))}
