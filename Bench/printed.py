"""The figures as text for a terminal, and what changed since a saved run."""

from __future__ import annotations

from aims import SCALE, TAIL, aim
from figures import Figure, Report, Table

# A smaller change than this is within the noise of a quiet machine.
NOTEWORTHY = 0.10


def heading() -> str:
    return (f"{'operation':34}{'conn':>5}{'req/s':>9}{'CPU µs':>10}{'× bare':>8}{'aim':>9}"
            f"{'p50 ms':>9}{'p99 ms':>9}{'RSS MB':>8}  rounds")


def title(table: Table) -> str:
    return (f"\n{table.database}, {table.title}: first 200 after "
            f"{table.start_milliseconds:.0f} ms, {table.idle_megabytes:.0f} MB idle")


def warning(table: Table) -> str:
    return (f"Only {table.idle_share:.0%} of the CPU is free. Other processes make every figure "
            "larger; trust the ratios to the bare route.")


def line(table: Table, figure: Figure) -> str:
    """One row. An exclamation mark stands behind what misses its aim."""
    bare = table.figure("bare", figure.connections)
    limit = aim(
        figure.key, table.database, bare["cpu"] if bare else None, figure["hash"],
        table.signatures["p256"])
    cpu, over = figure["cpu"], table.over_bare(figure)
    missed = "!" if limit and cpu > limit else " "
    tail = "!" if figure.connections > 1 and figure["p99"] > TAIL * figure["p50"] else " "
    rounds = " ".join(f"{each['cpu']:.0f}" for each in figure.rounds)
    return (f"{figure.operation:34}{figure.connections:5}{figure['rate']:9.0f}{cpu:9.1f}{missed}"
            f"{f'{over:.2f}' if over else '':>8}{f'{limit:.0f}' if limit else '':>9}"
            f"{figure['p50']:9.2f}{figure['p99']:8.2f}{tail}{figure['memory']:8.0f}  {rounds}")


def growth(report: Report) -> list[str]:
    """What the size of the database does to each figure, in units of the bare route."""
    lines = []
    for table, figure in report.all():
        small = report.table(table.database, "base")
        if small is None or table is small:
            continue
        before = small.figure(figure.key, figure.connections)
        now, then = table.over_bare(figure), before and small.over_bare(before)
        if now and then:
            mark = "  !" if now / then > SCALE else ""
            lines.append(f"{table.database}, {table.title}: {figure.operation:34}"
                         f"{now / then:6.2f} times that of one tenant{mark}")
    return lines


def comparison(report: Report, base: Report) -> list[str]:
    """Each figure that is in both runs, as a ratio, new to old, in units of the bare route."""
    lines = [f"\nCompared with {base.date}, CPU for a request in units of the bare route:"]
    for table, figure in report.all():
        old = base.table(table.database, table.scale)
        before = old and old.figure(figure.key, figure.connections)
        if old is None or before is None or figure.key == "bare":
            continue
        now, then = table.over_bare(figure), old.over_bare(before)
        if now and then:
            ratio = now / then
            mark = "" if abs(ratio - 1) <= NOTEWORTHY else "  slower" if ratio > 1 else "  faster"
            lines.append(
                f"{table.database:9}{table.title:30}{figure.operation:34}{figure.connections:4}"
                f"{then:8.2f} →{now:8.2f}{ratio:8.2f}{mark}")
    return lines
