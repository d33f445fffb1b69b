"""What a run prints."""

import collections

MOST_OF_A_KIND = 6


def cycle_line(cycle, scene, before):
    """One line; `before` has the counts as they were before this cycle."""
    ledger, meters = scene.ledger, scene.meters
    acknowledged = ledger.acknowledged.total() - before["acknowledged"]
    unanswered = ledger.unanswered.total() - before["unanswered"]
    lost = ledger.lost.total() - before["lost"]
    reported, kept = meters.reported - before["reported"], meters.kept - before["kept"]
    fault = cycle.fault.name
    if cycle.was_active:
        fault += ", still at the end"
    starts = f" ({cycle.starts} starts)" if cycle.starts > 1 else ""
    return (
        f"{cycle.number:4}  {fault:<34} {cycle.ending:<16} after {cycle.ran:4.1f} s  "
        f"acknowledged {acknowledged:4} unanswered {unanswered:3}  lost {lost}  "
        f"readings {kept}/{reported}  up in {cycle.healthy_after:5.2f} s{starts}"
    )


def counts(scene):
    return {
        "acknowledged": scene.ledger.acknowledged.total(), "unanswered": scene.ledger.unanswered.total(),
        "lost": scene.ledger.lost.total(), "reported": scene.meters.reported, "kept": scene.meters.kept,
    }


def _percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def summary(scene):
    ledger, meters = scene.ledger, scene.meters
    lines = ["", "What was done", f"  {'':<34}{'cycles':>8}{'still at the end':>18}"]
    faults = collections.Counter(cycle.fault.name for cycle in scene.cycles)
    active = collections.Counter(cycle.fault.name for cycle in scene.cycles if cycle.was_active)
    for name, count in sorted(faults.items()):
        lines.append(f"  {name:<34}{count:>8}{active[name]:>18}")
    endings = collections.Counter(cycle.ending for cycle in scene.cycles)
    lines.append("  ended by " + ", ".join(f"{name} × {count}" for name, count in sorted(endings.items())))

    lines += ["", "What was acknowledged, and what survived"]
    titles = f"{'acknowledged':>13}{'survived':>10}{'lost':>6}{'unanswered':>12}{'of them done':>14}{'refused':>9}"
    lines.append(f"  {'':<26}{titles}")
    names = sorted(
        ledger.acknowledged.keys() | ledger.unanswered.keys() | ledger.refused.keys() | ledger.lost.keys())
    for name in [*names, "all"]:
        columns = [
            counter.total() if name == "all" else counter[name]
            for counter in (ledger.acknowledged, ledger.lost, ledger.unanswered, ledger.found_done, ledger.refused)
        ]
        acknowledged, lost, unanswered, done, refused = columns
        survived = max(0, acknowledged - lost)
        lines.append(f"  {name:<26}{acknowledged:>13}{survived:>10}{lost:>6}{unanswered:>12}{done:>14}{refused:>9}")

    lines += ["", "Readings (memory first, written every " f"{scene.options.flush:g} s)"]
    lines.append(f"  reported {meters.reported}, kept {meters.kept}, never answered by the broker {meters.unanswered}")
    for cause, count in sorted(meters.missing.items()):
        lines.append(f"  missing: {cause:<16}{count:>8}   longest gap {meters.longest_gap.get(cause, 0):.1f} s")
    lines.append(f"  the oldest that a kill -9 has cost was reported {meters.deepest:.1f} s before it")

    told = sum(len(facts) for facts in scene.cloud.told.values())
    lines += ["", f"Cloud: {told} facts of devices over {scene.cloud.links} links, {scene.cloud.repeated} told again"]
    times = scene.restart_times
    lines.append(
        f"Restart to healthy: p50 {_percentile(times, 0.5):.2f} s, max {max(times, default=0):.2f} s ({len(times)})")
    if scene.recovery_times:
        late = scene.recovery_times
        lines.append(
            f"Healthy after a fault that lasted beyond the start: p50 {_percentile(late, 0.5):.2f} s, "
            f"max {max(late):.2f} s ({len(late)})")
    lines.append(f"Store: {scene.workspace.store_size() / 1048576:.1f} MiB")
    if scene.not_now:
        lines.append(f"With a full disk it ended by itself, to be started again, {scene.not_now} times")
    if dropped := scene.broker.drops():
        lines.append(f"The broker began {dropped} times to drop messages for somebody: see mosquitto.log")
    if scene.broker.guard_failures:
        lines.append(f"The broker's guard failed {scene.broker.guard_failures} times")
    for title, items in (("LOST", ledger.losses), ("WRONG", scene.faults)):
        if items:
            lines += ["", title, *_shortened(items)]
    if ledger.refusals:
        lines += ["", "Refused, for instance", *(f"  {item}" for item in ledger.refusals[:5])]
    return "\n".join(lines)


def _shortened(items):
    """A few of each kind: what goes wrong once often goes wrong a hundred times."""
    kinds = collections.defaultdict(list)
    for item in items:
        kinds[item.split(":")[0]].append(item)
    for same in kinds.values():
        yield from (f"  {item}" for item in same[:MOST_OF_A_KIND])
        if len(same) > MOST_OF_A_KIND:
            yield f"  … and {len(same) - MOST_OF_A_KIND} more of that; all are in losses.txt"
