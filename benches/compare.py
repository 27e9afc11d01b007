#!/usr/bin/env python3
"""Measures the built program beside polars, duckdb and pandas on one machine in one run, and prints or keeps the tables.

usage: benches/compare.py [--rows 10000,100000,1000000] [--rounds 7] [--keep] [--profile] [--bench DIR] [--program FILE]

Needs python3, a Rust toolchain and the folder with the other engines: --bench, KEEP_SEGMENT_BENCH or ../shared/bench. What the
engines need is installed into target/bench-venv once. --keep writes the tables into BENCHMARKS.md between its marks. --program
measures a program that was built before, without the stages. Only the standard library is used here.
"""
import argparse, csv, json, math, os, pathlib, platform, shutil, statistics, subprocess, sys, tempfile, time

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target"))
WORK = TARGET / "bench"
VENV = TARGET / "bench-venv"
PAGE = CHECKOUT / "BENCHMARKS.md"
MARKS = ("<!-- measured -->\n", "<!-- /measured -->\n")
OURS = "keep-segment"
OTHERS = ["polars", "duckdb", "pandas"]
AS_OF = "2026-06-30"
STARTS = 20
WARM_RUNS = 7
# A size gets no more rounds once it has taken this many seconds.
LONGEST = 120
PROGRAM = None


def said(command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout.strip()


def engines():
    """The Python that runs the others; makes its environment when it is missing."""
    python = VENV / "bin" / "python"
    tried = subprocess.run([python, "-c", "import numpy, polars, duckdb, pandas"], capture_output=True) if python.exists() else None
    if tried is None or tried.returncode:
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy", "polars", "duckdb", "pandas"], check=True)
    return python


def timed(command, log):
    """Wall seconds and peak memory in MiB of one process, start to end."""
    with open(log, "wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # 1 is a DRAFT: without a headcount one gate fails, and every file is written.
    if process.returncode not in ((0, 1) if command[0] == program() else (0,)):
        sys.exit(f"{command}: exit {process.returncode}\n{open(log).read()}")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def program():
    return PROGRAM or str(TARGET / "release" / "keep-segment")


def command_of(engine, python, bench, book, out):
    """A whole process of an engine; ours starts from a model of its own each time, since a run keeps what it decided."""
    if engine in OTHERS:
        return [python, bench / f"p_{engine}.py", book, out / f"{engine}.csv"]
    if engine == "cp":
        return ["cp", book, out / "copy.csv"]
    model = out / "model.toml"
    shutil.copy(CHECKOUT / "benches" / "model.toml", model)
    return [program(), "run", book, "--model", model, "--out", out / "ours", "--as-of", AS_OF]


def differing(ours, theirs):
    """Accounts on which our segments.csv and another engine's output do not agree, of how many."""
    n = wrong = 0
    with open(ours, newline="") as a, open(theirs, newline="") as b:
        for own, other in zip(csv.DictReader(a), csv.DictReader(b), strict=True):
            n += 1
            same = (
                own["account_id"] == other["account_id"]
                and int(own["arr"].replace(".", "")) == int(other["arr_cents"])
                and int(own["strategic_value"].replace(".", "")) == int(other["sv_bp"])
                and own["strategic_bin"] == other["sv_bin"]
                and own["primary_segment"] == other["tier"]
                and (own["within_10pct"] == "true") == (other["flip10"] == "1")
            )
            wrong += not same
    return wrong, n


def span(times):
    return f"{statistics.median(times):.3f}"


def whole_processes(rows, rounds, python, bench):
    """Rounds of all engines in turn, so that whatever else the machine does falls on all of them."""
    order = [OURS, *OTHERS, "cp"]
    found = {}
    for n in rows:
        book = WORK / f"book-{n}.csv"
        if not book.exists():
            subprocess.run([python, bench / "gen.py", str(n), book], check=True)
        runs = {engine: [] for engine in order}
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            out = pathlib.Path(folder)
            start = time.monotonic()
            for turn in range(rounds + 1):
                if time.monotonic() - start > LONGEST:
                    break
                for engine in order:
                    runs[engine].append(timed(command_of(engine, python, bench, book, out), out / "log"))
            # The first turn filled the page cache.
            runs = {engine: taken[1:] or taken for engine, taken in runs.items()}
            agreed = differing(out / "ours" / "segments.csv", out / "polars.csv")
            written = sum(file.stat().st_size for file in (out / "ours").iterdir())
        found[n] = (runs, agreed, written)
        print(f"# {n}, {len(runs[OURS])} rounds: " + ", ".join(f"{e} {span([r[0] for r in runs[e]])}" for e in order), file=sys.stderr)
    return found


def table(head, lines):
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *lines]) + "\n"


def grouped(n):
    return f"{n:,}"


def slope(sizes, seconds):
    """How cost grows between the two largest sizes: 1 is in proportion."""
    if len(sizes) < 2:
        return "-"
    (a, b), (x, y) = sizes[-2:], seconds[-2:]
    return f"{math.log(y / x) / math.log(b / a):.2f}"


def comparison(found):
    sizes = list(found)
    head = ["whole process, median s", *map(grouped, sizes), "growth"]
    lines, ratios, memory, cpu = [], [], [], []
    for engine in [OURS, *OTHERS, "cp"]:
        medians = [statistics.median(r[0] for r in found[n][0][engine]) for n in sizes]
        lines.append([engine, *(f"{m:.3f}" for m in medians), slope(sizes, medians)])
        memory.append([engine, *(f"{statistics.median(r[1] for r in found[n][0][engine]):.0f}" for n in sizes)])
        cpu.append([engine, *(f"{statistics.median(r[2] for r in found[n][0][engine]):.3f}" for n in sizes)])
        if engine in OTHERS:
            pairs = lambda n: [own[0] / other[0] for own, other in zip(found[n][0][OURS], found[n][0][engine])]
            shown = lambda p: f"{statistics.median(p):.2f} ({min(p):.2f}-{max(p):.2f})"
            ratios.append([f"keep-segment / {engine}", *(shown(pairs(n)) for n in sizes)])
    blocks = [
        table(head, lines),
        table(["ratio pair by pair, median (least-most)", *map(grouped, sizes)], ratios),
        table(["processor time, median s", *map(grouped, sizes)], cpu),
        table(["peak memory, MiB", *map(grouped, sizes)], memory),
    ]
    agreed = [f"{grouped(found[n][1][1] - found[n][1][0])} of {grouped(found[n][1][1])}" for n in sizes]
    blocks.append("Accounts on which ARR, strategic value, bin, tier and ±10% equal polars': " + ", ".join(agreed) + ".\n")
    took = ", ".join(str(len(found[n][0][OURS])) for n in sizes)
    blocks.append(f"Rounds: {took}.\n")
    written = [f"{found[n][2] / 1e6:.1f} MB" for n in sizes]
    blocks.append("Written by keep-segment: " + ", ".join(written) + ".\n")
    return blocks


def warm(rows, python, bench):
    """The pipeline body of the other engines in a warm process."""
    lines = []
    for engine in OTHERS:
        cells = []
        for n in rows:
            out = said([python, bench / "inproc.py", engine, WORK / f"book-{n}.csv", str(WARM_RUNS if n < 500_000 else 3)])
            cells.append(f"{float(out.split('median_s ')[1].split()[0]):.3f}")
        lines.append([engine, *cells])
    return table(["warm body, median s", *map(grouped, rows)], lines)


def server():
    """From spawn to the answer to `initialize`, and what the idle server holds."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
    }
    line = (json.dumps(hello) + "\n").encode()
    times, resident = [], []
    for at in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            process = subprocess.Popen(
                [program(), "mcp", "--workspace", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            times.append(time.perf_counter() - start)
            assert answer["result"]["serverInfo"]["name"] == "keep-segment", answer
            if at % 5 == 0:
                time.sleep(0.5)
                status = pathlib.Path(f"/proc/{process.pid}/status")
                if status.exists():
                    held = next(l for l in status.read_text().splitlines() if l.startswith("VmRSS"))
                    resident.append(int(held.split()[1]) / 1024)
            process.stdin.close()
            process.wait()
    held = f"{statistics.median(resident):.1f} MiB" if resident else "-"
    first = []
    for _ in range(STARTS // 4):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(CHECKOUT / "examples" / "accounts.csv", folder)
            start = time.perf_counter()
            session = Session(folder)
            session.call("load_book", path="accounts.csv", as_of=AS_OF)
            first.append(time.perf_counter() - start)
            session.close()
    lines = [
        ["spawn to the answer to `initialize`, median of 20", f"{statistics.median(times) * 1000:.1f} ms"],
        ["the same, slowest", f"{max(times) * 1000:.1f} ms"],
        ["spawn to the first answer about a book (`load_book`, the example), median", f"{statistics.median(first) * 1000:.1f} ms"],
        ["resident memory of the idle server (VmRSS)", held],
        ["size of the binary, stripped", f"{os.path.getsize(program()) / 1e6:.1f} MB"],
    ]
    return table(["server", ""], lines)


class Session:
    """A server and the calls to it."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [program(), "mcp", "--workspace", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.id = 0
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self.ask("initialize", client)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message):
        self.process.stdin.write((json.dumps(message) + "\n").encode())
        self.process.stdin.flush()

    def ask(self, method, params):
        self.id += 1
        self.send({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self.id:
                return answer["result"]

    def call(self, name, **arguments):
        """Seconds of one tool call."""
        start = time.perf_counter()
        result = self.ask("tools/call", {"name": name, "arguments": arguments})
        if result.get("isError"):
            sys.exit(f"{name}: {result['content'][0]['text']}")
        return time.perf_counter() - start

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def what_if(rows):
    """One changed weight in a running server: tiers, flags, capacity and gates anew, compared with those before, and written."""
    lines = {"`calibrate_capacity` with `compare`": [], "`define_axes` with the weight": [], "`assign_tiers` after it": []}
    for n in rows:
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            shutil.copy(WORK / f"book-{n}.csv", pathlib.Path(folder) / "book.csv")
            session = Session(folder)
            session.call("load_book", path="book.csv", as_of=AS_OF)
            for name, arguments in [("define_axes", {}), ("assign_tiers", {}), ("calibrate_capacity", {"csms": 40})]:
                session.call(name, **arguments)
            # A file that changed within the last seconds is read again to be sure of it.
            time.sleep(4)
            times = {line: [] for line in lines}
            for turn in range(1, STARTS // 2 + 1):
                step = round(turn / 1000, 3)
                compare, axes, tiers = times.values()
                compare.append(session.call("calibrate_capacity", compare={"weights": {"strategic_logo": 0.25 + step}}))
                weights = {"strategic_logo": 0.25 + step, "expansion_potential": 0.25 - step}
                others = {"product_influence": 0.2, "reference_value": 0.15, "regulatory_exposure": 0.15}
                factors = [{"name": name, "weight": round(weight, 3)} for name, weight in {**weights, **others}.items()]
                axes.append(session.call("define_axes", factors=factors))
                tiers.append(session.call("assign_tiers"))
            session.close()
        for line, taken in times.items():
            # The first of them finds what the others know.
            lines[line].append(f"{statistics.median(taken[1:]) * 1000:.0f}")
    return table(["one changed weight, median ms", *map(grouped, rows)], [[line, *cells] for line, cells in lines.items()])


def cargo_bench(name, rows):
    env = {**os.environ, "CARGO_TARGET_DIR": str(TARGET), "KEEP_SEGMENT_ROWS": ",".join(map(str, rows))}
    return said(["cargo", "bench", "--quiet", "--bench", name], cwd=CHECKOUT, env=env) + "\n"


def profile(n):
    """Where the processor is during a run, by function: a build with symbols, and perf."""
    if not shutil.which("perf"):
        return "No perf here, so no profile.\n"
    env = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    build = ["cargo", "rustc", "--quiet", "--release", "--bin", "keep-segment", "--", "-C", "strip=none"]
    subprocess.run(build, check=True, cwd=CHECKOUT, env=env)
    symbols = WORK / "keep-segment-symbols"
    shutil.copy(program(), symbols)
    subprocess.run(["cargo", "build", "--quiet", "--release"], check=True, cwd=CHECKOUT, env=env)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        out = pathlib.Path(folder)
        command = command_of(OURS, None, None, WORK / f"book-{n}.csv", out)
        record = ["perf", "record", "-q", "-F", "999", "-o", out / "perf.data", "--", symbols, *command[1:]]
        subprocess.run(record, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not (out / "perf.data").exists():
            return "perf may not record here, so no profile.\n"
        report = ["perf", "report", "-i", out / "perf.data", "--stdio", "--no-children", "--percent-limit", "1", "--sort", "symbol"]
        text = subprocess.run(report, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    hits = [l.split(maxsplit=2) for l in text.splitlines() if l.strip() and not l.startswith("#")]
    hits = [hit for hit in hits if len(hit) == 3][:25]
    lines = [["`" + name.rstrip(" -") + "`", share] for share, _, name in hits]
    return table([f"share of a run at {grouped(n)}, by function", ""], lines)


def machine(python, load):
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    versions = said([python, "-c", "import polars, duckdb, pandas; print(polars.__version__, duckdb.__version__, pandas.__version__)"])
    polars, duckdb, pandas = versions.split()
    commit = said(["git", "rev-parse", "--short", "HEAD"], cwd=CHECKOUT)
    changed = said(["git", "status", "--porcelain", "--", "src", "benches/model.toml", "Cargo.toml"], cwd=CHECKOUT)
    busy = " **The machine was busy with other work: processor time and memory can be relied on, wall time cannot.**"
    warning = busy if load > os.cpu_count() / 2 else ""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"Measured on {time.strftime('%Y-%m-%d')} at commit `{commit}`{' with changes' if changed else ''}: {cpu}, {os.cpu_count()} cores, "
        f"{pages / 2**30:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}; {said(['rustc', '--version'])}; "
        f"polars {polars}, duckdb {duckdb}, pandas {pandas}, Python {platform.python_version()}. "
        f"{'A program that was built before was measured. ' if PROGRAM else ''}Load of the machine before: {load:.1f}.{warning}\n"
    )


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", default="10000,100000,1000000")
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--keep", action="store_true", help="write the tables into BENCHMARKS.md")
    asked.add_argument("--profile", action="store_true", help="say by function where the time goes (perf; builds twice)")
    asked.add_argument("--bench", default=os.environ.get("KEEP_SEGMENT_BENCH", CHECKOUT.parent / "shared" / "bench"))
    asked.add_argument("--program", help="a built keep-segment to measure instead of this checkout's")
    given = asked.parse_args()
    global PROGRAM
    PROGRAM = given.program and os.path.abspath(given.program)
    # Before anything is built here.
    load = os.getloadavg()[0]
    bench, rows = pathlib.Path(given.bench), [int(n) for n in given.rows.split(",")]
    if not (bench / "gen.py").is_file():
        sys.exit(f"{bench} has no gen.py: name the folder with the other engines by --bench or KEEP_SEGMENT_BENCH")
    WORK.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    builds = [["build", "--release"], ["bench", "--no-run", "--bench", "stages", "--bench", "allocations"]]
    for build in builds if not PROGRAM else []:
        subprocess.run(["cargo", *build, "--quiet"], check=True, cwd=CHECKOUT, env=env)
    python = engines()
    blocks = [machine(python, load)]
    blocks += ["### Whole processes\n", *comparison(whole_processes(rows, given.rounds, python, bench))]
    blocks += ["### Warm\n", warm(rows, python, bench)]
    blocks += ["### The server\n", server(), what_if(rows)]
    if not PROGRAM:
        blocks += ["### Stages\n", cargo_bench("stages", rows), cargo_bench("allocations", [n for n in rows if n <= 100_000] or rows[:1])]
    if given.profile:
        blocks += ["### By function\n", profile(rows[-1])]
    text = "\n".join(blocks)
    print(text)
    if given.keep:
        page = PAGE.read_text()
        before, rest = page.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        PAGE.write_text(before + MARKS[0] + "\n" + text + "\n" + MARKS[1] + after)


if __name__ == "__main__":
    main()
