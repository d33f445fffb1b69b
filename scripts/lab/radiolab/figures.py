"""Figures in a table that can be read, and pasted into docs/provisioning.md."""
import statistics


def seconds(values):
    """Median and longest, or a dash."""
    values = [value for value in values if value is not None]
    return f"{statistics.median(values):.2f} / {max(values):.2f}" if values else "–"


def share(rounds):
    wanted = [entry for entry in rounds if entry.must_succeed]
    return f"{sum(entry.ok for entry in wanted)} of {len(wanted)}"


def median(rounds, key):
    values = [getattr(entry, key) for entry in rounds if getattr(entry, key) is not None and entry.name == "plain"]
    return statistics.median(values) if values else None


def table(contenders):
    """`contenders`: name → rounds."""
    lines = ["| | " + " | ".join(contenders) + " |", "|---|" + "---|" * len(contenders)]

    def row(title, value):
        lines.append(f"| {title} | " + " | ".join(value(rounds) for rounds in contenders.values()) + " |")

    def plain(rounds):
        return [entry for entry in rounds if entry.must_succeed and entry.name in ("plain", "one packet", "MTU 23")]

    row("found after power-on, s (median / longest)", lambda rounds: seconds([entry.found for entry in rounds]))
    row("connecting → written, no fault, s", lambda rounds: seconds([entry.handed for entry in plain(rounds)]))
    row("“add” → written, no fault, s", lambda rounds: seconds(
        [entry.written for entry in plain(rounds) if entry.online is not None]))
    row("“add” → online, no fault, s", lambda rounds: seconds([entry.online for entry in plain(rounds)]))
    row("connecting → written, all that were, s", lambda rounds: seconds([entry.handed for entry in rounds]))
    row("“add” → online, all that were, s", lambda rounds: seconds([entry.online for entry in rounds]))
    row("provisioned, of those that can be", share)
    names = list(dict.fromkeys(entry.name for rounds in contenders.values() for entry in rounds))
    for name in names:
        def of(rounds, name=name):
            chosen = [entry for entry in rounds if entry.name == name]
            if not chosen:
                return "–"
            verdict = f"{sum(entry.as_wanted() for entry in chosen)} of {len(chosen)}"
            return verdict if chosen[0].must_succeed else f"{verdict} told so"
        row(f"… {name}", of)
    return "\n".join(lines)
