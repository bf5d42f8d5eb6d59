#!/usr/bin/python3
"""make bench [N=100000] [REPEAT=3]: how fast and how large, against what the issue asks for.

Builds a directory of N invented people in a private slapd and starts a private sshd, both on
loopback. Then measures, in turn and REPEAT times: ldapsearch with paging that throws the same
attributes away; ldap2alma from that server to a ZIP on the sshd; the Python baseline doing the same
(baseline.py). Then the upload over a line with 40 ms of latency. Prints wall time, CPU time (user
and system, children included), peak memory of each client, and the ratios; the same into bench.txt.
And the mapping alone, which is all that `make bench-mapping` measures: a person, a field, a ladder
of conditions, a large CSV table.
"""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/live"))

from baseline import ATTRIBUTES  # noqa: E402
from machine import program  # noqa: E402
from slapd import SUFFIX, Certificates, Slapd  # noqa: E402
from sshd import Keys, Sshd  # noqa: E402

BIND_DN = f"cn=connector,ou=services,{SUFFIX}"
PASSWORD = "connector-password"
PEOPLE = f"ou=people,{SUFFIX}"
LATENCY_MS = 40
# Enough people that the upload takes longer than the connection.
LATENCY_PEOPLE = 300_000
TABLE_ROWS = 1_000_000

SETTINGS = """\
name: bench
directory:
  {directory}
mapping: {mapping}
delivery:
  sftp:
    host: 127.0.0.1
    port: {port}
    user: {user}
    key: {{ file: {key} }}
    known_hosts: {known_hosts}
    directory: {directory_there}
spool: {spool}
"""
DIRECTORY = f"""\
uri: [{{uri}}]
  tls: {{{{ mode: none }}}}
  bind: {{{{ method: simple, dn: "{BIND_DN}", password: {{{{ file: {{password}} }}}} }}}}
  searches: [{{{{ base: "{PEOPLE}", filter: "(objectClass=person)" }}}}]
"""


@dataclasses.dataclass
class Run:
    wall: float
    cpu: float
    peak: float  # MB


def measured(build, folder, command, **options):
    """Runs a command; what it took, and what it wrote where `stdout` is a pipe."""
    result = folder / "measured"
    done = subprocess.run([build / "tests/bench/measure", result, *map(str, command)],
                          check=True, **options)
    wall, cpu, peak_kib = map(float, result.read_text().split())
    return Run(wall, cpu, peak_kib * 1024 / 1e6), done.stdout


def count_users(document):
    """Piece by piece: a document may be larger than memory."""
    end, count, rest = b"</user>", 0, b""
    while piece := document.read(1 << 20):
        piece = rest + piece
        count += piece.count(end)
        rest = piece[1 - len(end):]
    return count


class Bench:
    def __init__(self, options, folder):
        self.build = options.build.absolute()
        self.count = options.people
        self.repeat = options.repeat
        self.folder = folder
        self.password = folder / "password"
        self.password.touch(0o600)
        self.password.write_text(PASSWORD)
        (folder / "spool").mkdir()
        self.slapd = self.sshd = None

    def people(self, count):
        return subprocess.Popen([self.build / "tests/support/people", "-n", str(count)],
                                stdout=subprocess.PIPE)

    def start(self):
        self.slapd = Slapd(
            self.folder / "slapd", Certificates(self.folder / "certificates"),
            options=f"include {TOP}/tests/support/slapd/university.schema\nmoduleload memberof\n",
            limits="limits * size=unlimited time=unlimited\noverlay memberof\n"
                   "multival member 100,20\nsortvals member\n")
        people = self.people(self.count)
        subprocess.run([program("slapadd"), "-q", "-f", self.slapd.folder / "slapd.conf"],
                       stdin=people.stdout, check=True)
        people.wait()
        self.slapd.start()
        for name in ("keys", "sshd"):
            (self.folder / name).mkdir()
        self.sshd = Sshd(self.folder / "sshd", Keys(self.folder / "keys"))
        self.sshd.start()

    def stop(self):
        for server in (self.slapd, self.sshd):
            if server:
                server.stop()

    def settings(self, name, directory, port):
        known_hosts = self.folder / f"{name}.known_hosts"
        known_hosts.write_text(self.sshd.line("host_ed25519", f"[127.0.0.1]:{port}"))
        path = self.folder / f"{name}.yaml"
        path.write_text(SETTINGS.format(
            directory=directory, port=port, mapping=TOP / "mappings/openldap-eduperson.yaml",
            user=self.sshd.user, key=self.sshd.keys.path("ed25519"), known_hosts=known_hosts,
            directory_there=self.sshd.home, spool=self.folder / "spool"))
        return path

    def arrived(self, at_least):
        """Counts the users of what was delivered, removes it, and returns its size."""
        users = size = 0
        for package in self.sshd.home.glob("*.zip"):
            with zipfile.ZipFile(package) as archive:
                users += sum(count_users(archive.open(name)) for name in archive.namelist())
            size += package.stat().st_size
            package.unlink()
        if users < at_least:
            sys.exit(f"bench: {users} users arrived, not {at_least:.0f} or more")
        return size

    def measure(self, command, **options):
        return measured(self.build, self.folder, command, **options)[0]

    def run_ldapsearch(self):
        return self.measure(
            ["ldapsearch", "-LLL", "-x", "-H", self.slapd.ldap_uri, "-D", BIND_DN, "-y",
             self.password, "-E", "pr=1000/noprompt", "-b", PEOPLE, "(objectClass=person)",
             *ATTRIBUTES], stdout=subprocess.DEVNULL)

    def run_ldap2alma(self):
        directory = DIRECTORY.format(uri=self.slapd.ldap_uri, password=self.password)
        settings = self.settings("ldap2alma", directory, self.sshd.port)
        run = self.measure([self.build / "ldap2alma", "-q", "-c", settings, "run"])
        self.arrived(self.count * 0.98)
        return run

    def run_baseline(self):
        known_hosts = self.folder / "ldap2alma.known_hosts"
        run = self.measure([
            "/usr/bin/python3", TOP / "tests/bench/baseline.py", "--uri", self.slapd.ldap_uri,
            "--bind-dn", BIND_DN, "--password-file", self.password, "--base", PEOPLE,
            "--package", self.folder / "baseline.zip", "--name", "baseline.zip",
            "--port", self.sshd.port, "--user", self.sshd.user, "--key",
            self.sshd.keys.path("ed25519"),
            "--known-hosts", known_hosts, "--directory", self.sshd.home],
            stdout=subprocess.DEVNULL)
        self.arrived(self.count * 0.98)
        return run

    def upload_rate(self):
        """MB/s of an upload with connection and login, each way of the line half the latency."""
        relay = subprocess.Popen(
            [self.build / "tests/support/tcp_relay", "--listen", "0", "--target",
             str(self.sshd.port), "--delay-ms", str(LATENCY_MS // 2)], stdout=subprocess.PIPE)
        report = self.folder / "report.json"
        try:
            port = int(relay.stdout.readline().split()[1])
            people = self.people(LATENCY_PEOPLE)
            subprocess.run([self.build / "ldap2alma", "-q", "-c",
                            self.settings("latency", 'ldif: "-"', port), "run", "--report", report],
                           stdin=people.stdout, check=True)
            people.wait()
        finally:
            relay.terminate()
            relay.wait()
        return self.arrived(LATENCY_PEOPLE * 0.98) / json.loads(report.read_text())["timings"]["deliver"] / 1e6

    def clients(self):
        """The runs of each client, in turn, so that what the machine does meanwhile hits all."""
        clients = {"ldapsearch, output thrown away": self.run_ldapsearch,
                   "ldap2alma, directory to SFTP": self.run_ldap2alma,
                   "Python, directory to SFTP": self.run_baseline}
        runs = {name: [] for name in clients}
        self.run_ldapsearch()  # not measured: slapd's pages come into memory
        for number in range(self.repeat):
            for name, client in clients.items():
                runs[name].append(client())
                print(f"bench: {number + 1} of {self.repeat}: {name}: "
                      f"{runs[name][-1].wall:.2f} s", file=sys.stderr)
        return runs


def mapping_alone(build, folder):
    """What tests/bench/mapping_bench and table_bench print, and the peak of the latter."""
    yield "mapping alone, without directory and XML"
    yield from subprocess.run([build / "tests/bench/mapping_bench"], stdout=subprocess.PIPE,
                              check=True, text=True).stdout.splitlines()
    table, bench = folder / "table.csv", build / "tests/bench/table_bench"
    subprocess.run([bench, "write", table, str(TABLE_ROWS)], check=True)
    run, output = measured(build, folder, [bench, "load", table], stdout=subprocess.PIPE)
    yield (f"CSV table of {TABLE_ROWS} rows, {table.stat().st_size / 1e6:.0f} MB: "
           + "; ".join(output.decode().splitlines()) + f"; peak of the process {run.peak:.1f} MB")


def version(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return next((line.strip() for line in done.stdout.splitlines() if line.strip()), "")


def machine():
    """What the figures depend on: versions, processor, memory, the day."""
    def first(path, key):
        with open(path, encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith(key))
    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    packages = version("dpkg-query", "-W", "-f", "${Package} ${Version}, ", "slapd",
                       "openssh-server", "libssh2-1", "python3-ldap", "python3-lxml")
    return [f"{datetime.date.today()}, {os.cpu_count()} cores ({first('/proc/cpuinfo', 'model name')}),"
            f" {memory:.0f} GiB, Linux {platform.release()}", packages.rstrip(", ")]


def best(runs, what):
    return min(getattr(run, what) for run in runs)


def table(runs):
    yield f"{'':32} {'wall s':>15} {'CPU s':>15} {'peak MB':>9}"
    for name, rows in runs.items():
        cells = [f"{best(rows, what):.2f} / "
                 f"{statistics.median(getattr(row, what) for row in rows):.2f}"
                 for what in ("wall", "cpu")]
        yield f"{name:32} {cells[0]:>15} {cells[1]:>15} {max(row.peak for row in rows):9.1f}"


def ratios(runs, count, rate):
    """Best against best: what is measured, the number, its unit, the target."""
    search, ours, python = runs.values()
    peak = max(run.peak for run in ours)
    yield "wall, ldap2alma to ldapsearch", best(ours, "wall") / best(search, "wall"), "", "<=", 1.6
    yield "CPU, ldap2alma to ldapsearch", best(ours, "cpu") / best(search, "cpu"), "", "<=", 2.2
    yield "wall, Python to ldap2alma", best(python, "wall") / best(ours, "wall"), "", ">=", 8
    yield "CPU, Python to ldap2alma", best(python, "cpu") / best(ours, "cpu"), "", ">=", 10
    yield "peak memory of ldap2alma", peak, " MB", "<=", 48 if count <= 100_000 else 160
    yield f"upload over {LATENCY_MS} ms of latency", rate, " MB/s", ">=", 20


def verdicts(rows):
    for what, number, unit, sign, target in rows:
        reached = number <= target if sign == "<=" else number >= target
        words = "at most" if sign == "<=" else "at least"
        yield (f"{what:38} {number:8.2f}{unit:5}  {words} {target}{unit}: "
               f"{'reached' if reached else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("-n", "--people", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--mapping", action="store_true", help="the mapping alone")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=options.build.absolute()))
    bench = Bench(options, folder)
    try:
        mapping = list(mapping_alone(options.build.absolute(), folder))
        if options.mapping:
            print("\n".join([*machine(), "", *mapping]))
            return
        bench.start()
        runs = bench.clients()
        rate = bench.upload_rate()
    finally:
        bench.stop()
        shutil.rmtree(folder)
    lines = [f"{options.people} people, {options.repeat} runs in turn, best / median",
             *machine(), "", *table(runs), "", *verdicts(ratios(runs, options.people, rate)), "",
             *mapping]
    print("\n".join(lines))
    (options.build / "bench.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
