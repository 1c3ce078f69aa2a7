"""Writes the tables of a run into the document about them."""

from __future__ import annotations

from pathlib import Path

from figures import Figure, Report, Table

BEGIN = "<!-- Written by `make bench`: begin -->"
END = "<!-- Written by `make bench`: end -->"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def write_document(report: Report, path: Path) -> None:
    """Replaces what stands between the markers."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} has no place for the tables: {BEGIN} … {END}")
    lines = [circumstances(report)]
    for database in ("sqlite", "postgres"):
        if table := report.table(database, "base"):
            lines += ["", f"### {NAMES[database]}, one tenant", "", *operations(table)]
    lines += ["", "### Many tenants, many sessions", "", *growth(report)]
    lines += ["", "### Memory and start", "", *memory_and_start(report)]
    body = "\n".join(lines)
    path.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def circumstances(report: Report) -> str:
    machine, signatures = report.machine, report.tables[0].signatures
    return (
        f"Measured on {report.date[:10]}: {machine['cpu']}, {machine['cores']} cores, Linux "
        f"{machine['kernel']}; Gatehouse {machine['gatehouse']}, PostgreSQL "
        f"{machine['postgresql']}, libsodium {machine['libsodium']}, {machine['wrk']}; medians of "
        f"{report.settings['rounds']} rounds of {report.settings['seconds']} s. On this machine "
        f"OpenSSL takes {signatures['p256']:.0f} µs for a signature on P-256 and "
        f"{signatures['rsa2048']:.0f} µs for one with RSA-2048.")


def operations(table: Table) -> list[str]:
    """All operations, with many connections and with one."""
    many, one = max(table.connections), min(table.connections)
    columns = "| | CPU µs | × bare | requests/s | p50 ms | p99 ms |"
    if one != many:
        columns += f" {one} connection: CPU µs | requests/s | p50 ms | p99 ms |"
    lines = [columns, "|---|" + "--:|" * (columns.count("|") - 2)]
    for figure in table.figures:
        if figure.connections != many:
            continue
        cells = [microseconds(figure["cpu"]), f"{table.over_bare(figure) or 0:.2f}", *speed(figure)]
        if one != many:
            single = table.figure(figure.key, one)
            cells += [microseconds(single["cpu"]), *speed(single)] if single else [""] * 4
        lines.append(f"| {figure.operation} | " + " | ".join(cells) + " |")
    return lines + hashing(table)


def hashing(table: Table) -> list[str]:
    """What of a sign-in is Argon2id."""
    costs = [
        f"{microseconds(figure['hash'])} µs of it with {figure.connections} connection"
        f"{'' if figure.connections == 1 else 's'}"
        for figure in table.figures if figure["hash"]]
    return ["", f"A sign-in is four requests; Argon2id alone takes {' and '.join(costs)}."]


def growth(report: Report) -> list[str]:
    """What a request costs at each size, and how that compares with one tenant."""
    tables = report.tables
    lines = [
        "| CPU µs, and in units of the bare route compared with one tenant | "
        + " | ".join(f"{NAMES[table.database]}, {table.title}" for table in tables) + " |",
        "|---|" + "--:|" * len(tables)]
    seen: dict[str, str] = {}
    for _, figure in report.all():
        seen.setdefault(figure.key, figure.operation)
    for key, name in seen.items():
        lines.append(f"| {name} | " + " | ".join(
            grown(report, table, key) for table in tables) + " |")
    return lines


def grown(report: Report, table: Table, key: str) -> str:
    figure = table.figure(key, max(table.connections))
    if figure is None:
        return ""
    small = report.table(table.database, "base")
    before = small.figure(key, figure.connections) if small and small is not table else None
    then = small.over_bare(before) if small and before else None
    now = table.over_bare(figure)
    return microseconds(figure["cpu"]) + (f" (× {now / then:.2f})" if now and then else "")


def memory_and_start(report: Report) -> list[str]:
    lines = ["| | first 200 after | resident, idle | after the run |", "|---|--:|--:|--:|"]
    for table in report.tables:
        after = max(figure["memory"] for figure in table.figures)
        lines.append(
            f"| {NAMES[table.database]}, {table.title} | {table.start_milliseconds:.0f} ms "
            f"| {table.idle_megabytes:.0f} MB | {after:.0f} MB |")
    for database, steps in report.memory.items():
        at = [next(each for each in steps if each["requests"] >= count)
              for count in (1_000_000, 2_000_000)]
        lines += ["", f"{NAMES[database]}, over many token requests: "
                  + ", ".join(f"{each['megabytes']:.0f} MB after {each['requests']:,.0f}"
                              for each in at) + "."]
    return lines


def speed(figure: Figure) -> list[str]:
    return [f"{figure['rate']:,.0f}", f"{figure['p50']:.2f}", f"{figure['p99']:.2f}"]


def microseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
