#!/usr/bin/python3
"""make bench [N=100000] [REPEAT=3] [ONLY=PART]: how fast and how large, against the targets.

Parts; ONLY takes one:
  directory  builds a directory of N invented people in a private slapd and starts a private sshd, both
             on loopback. Then measures, in turn and REPEAT times: ldapsearch with paging that throws the
             same attributes away; ldap2alma from that server to a ZIP on the sshd, with the state of
             nobody, a full run after that, `--changed` with 1 % of the people changed and with nobody
             changed; the Python baseline, which remembers nothing (baseline.py).
  changes    runs in which the directory says who has changed (detected.py): N people in slapd by
             syncrepl, a fifth of N in a private Samba domain by DirSync. The domain takes minutes to
             load the first time; with $LDAP2ALMA_SERVERS it is kept in that folder.
  roster     one million people in slapd by syncrepl, as many runs as are needed: state's size, memory,
             what the roster costs. Loading slapd takes minutes, and some GB of the build's folder.
  latency    the upload over a line with 40 ms of latency.
  million    one million people, LDIF to a folder: state's size, comparing and committing, memory.
  depot      2,000 small files over SFTP with 10 ms of latency, and into a folder.
  push       N people put in one stream and one by one, and delivered (pushes.py).
  groups     50,000 people in 2,000 nested groups of a private slapd.
  mapping    the mapping alone: a person, a field, a ladder of conditions, a large CSV table; also
             `make bench-mapping`.
  pictures   people's pictures made anew, without a directory.
  photos     photos of N people with a JPEG each in a private slapd, to a folder and to sshd (photos.py):
             first delivery, nothing changed, 1 % changed. Some 7 GB of the build's folder for 100,000.
Prints wall time, CPU time (user and system, children included), peak memory of each client, and the
figures beside their targets; all parts together also into bench.txt. Fails when a target is missed.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "tests/live")]

from baseline import ATTRIBUTES  # noqa: E402
from depots import DepotBench  # noqa: E402
import detected  # noqa: E402
from figures import Figure, best, measured, table, take_packages  # noqa: E402
from groups import GroupsBench  # noqa: E402
from machine import program  # noqa: E402
from million import Million  # noqa: E402
from photos import PhotosBench  # noqa: E402
from pictures import pictures_alone  # noqa: E402
from pushes import PushBench  # noqa: E402
from slapd import ADMIN, ADMIN_PASSWORD, SUFFIX, Certificates, Slapd  # noqa: E402
from sshd import Keys, Sshd  # noqa: E402

BIND_DN = f"cn=connector,ou=services,{SUFFIX}"
PASSWORD = "connector-password"
PEOPLE = f"ou=people,{SUFFIX}"
LATENCY_MS = 40
PROVING = ("check", "prove")  # steps that hold what was made against the schema and the plan
# Enough people that the upload takes longer than the connection.
LATENCY_PEOPLE = 300_000
TABLE_ROWS = 1_000_000
MILLION = 1_000_000
MAPPING = TOP / "mappings/openldap-eduperson.yaml"
DOMAIN_MAPPING = TOP / "mappings/active-directory.yaml"
PARTS = ("directory", "changes", "roster", "latency", "million", "groups", "mapping", "pictures",
         "photos", "depot", "push")
SEARCH, FIRST, FULL, FEW, NOBODY, PYTHON = (
    "ldapsearch, output thrown away", "ldap2alma, the very first run", "ldap2alma, a later full run",
    "ldap2alma, 1 % changed", "ldap2alma, nobody changed", "Python, directory to SFTP")

SETTINGS = """\
name: {name}
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


class Bench:
    """The servers, and the clients of the parts `directory` and `latency`."""

    def __init__(self, options, folder):
        self.build = options.build.absolute()
        self.count = options.people
        self.repeat = options.repeat
        self.folder = folder
        self.password = folder / "password"
        self.password.touch(0o600)
        self.password.write_text(PASSWORD)
        self.uploaded = {}
        self.few = self.slapd = self.sshd = None

    def people(self, count):
        return subprocess.Popen([self.build / "tests/support/people", "-n", str(count)],
                                stdout=subprocess.PIPE)

    def start_slapd(self):
        self.slapd = self.make_slapd("slapd", self.count)
        self.slapd.start()

    def make_slapd(self, name, count):
        slapd = Slapd(
            self.folder / name, Certificates(self.folder / f"certificates-of-{name}"),
            options=f"include {TOP}/tests/support/slapd/university.schema\nmoduleload memberof\n"
                    "moduleload syncprov\n",
            limits="limits * size=unlimited time=unlimited\noverlay memberof\n"
                   "multival member 100,20\nsortvals member\nindex entryUUID,entryCSN eq\n"
                   "overlay syncprov\nsyncprov-sessionlog 100000\n")
        people = self.people(count)
        subprocess.run([program("slapadd"), "-q", "-w", "-f", slapd.folder / "slapd.conf", "-b",
                        SUFFIX], stdin=people.stdout, check=True)
        people.wait()
        return slapd

    def start_sshd(self):
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
            name=name, directory=directory, port=port, mapping=MAPPING,
            user=self.sshd.user, key=self.sshd.keys.path("ed25519"), known_hosts=known_hosts,
            directory_there=self.sshd.home, spool=self.folder / "spool"))
        return path

    def arrived(self, least, most):
        """The bytes of what was delivered."""
        users, size = take_packages(self.sshd.home)
        if not least <= users <= most:
            sys.exit(f"bench: {users} users arrived, not {least:.0f} to {most:.0f}")
        return size

    def measure(self, command, **options):
        return measured(self.build, self.folder, command, **options)[0]

    def search(self, *what):
        return ["ldapsearch", "-LLL", "-x", "-H", self.slapd.ldap_uri, "-D", BIND_DN, "-y",
                str(self.password), "-E", "pr=1000/noprompt", "-b", PEOPLE, *what]

    def run_ldapsearch(self):
        return self.measure(self.search("(objectClass=person)", *ATTRIBUTES),
                            stdout=subprocess.DEVNULL)

    def run_ldap2alma(self, kind, who, least, most):
        directory = DIRECTORY.format(uri=self.slapd.ldap_uri, password=self.password)
        settings = self.settings("ldap2alma", directory, self.sshd.port)
        report = self.folder / "run.json"
        run = self.measure([self.build / "ldap2alma", "-q", "-c", settings, "run", who,
                            "--report", report])
        timings = json.loads(report.read_text())["timings"]
        run.proof = sum(timings.get(step, 0) for step in PROVING)
        self.uploaded[kind] = self.arrived(least, most)
        return run

    def run_first(self):
        shutil.rmtree(self.folder / "spool", ignore_errors=True)
        return self.run_ldap2alma(FIRST, "--full", self.count * 0.98, self.count)

    def run_full(self):
        return self.run_ldap2alma(FULL, "--full", self.count * 0.98, self.count)

    def run_few(self):
        """One in a hundred gets another title; some of these the mapping skips."""
        if not self.few:
            found = subprocess.run(self.search("-o", "ldif-wrap=no", "(objectClass=person)", "1.1"),
                                   stdout=subprocess.PIPE, check=True, text=True).stdout
            self.few = [line for line in found.splitlines() if line.startswith("dn")][::100]
        title = f"since {time.time()}"
        changes = "".join(f"{dn}\nchangetype: modify\nreplace: title\ntitle: {title}\n\n"
                          for dn in self.few)
        subprocess.run(["ldapmodify", "-x", "-H", self.slapd.ldap_uri, "-D", ADMIN, "-w",
                        ADMIN_PASSWORD], input=changes, stdout=subprocess.DEVNULL, check=True,
                       text=True)
        return self.run_ldap2alma(FEW, "--changed", len(self.few) * 0.9, len(self.few))

    def run_nobody(self):
        return self.run_ldap2alma(NOBODY, "--changed", 0, 0)

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
        self.arrived(self.count * 0.98, self.count)
        return run

    def clients(self):
        """The runs of each client, in turn, so that what the machine does meanwhile hits all."""
        clients = {SEARCH: self.run_ldapsearch, FIRST: self.run_first, FULL: self.run_full,
                   FEW: self.run_few, NOBODY: self.run_nobody, PYTHON: self.run_baseline}
        runs = {name: [] for name in clients}
        self.run_ldapsearch()  # not measured: slapd's pages come into memory
        for number in range(self.repeat):
            for name, client in clients.items():
                runs[name].append(client())
                print(f"bench: {number + 1} of {self.repeat}: {name}: "
                      f"{runs[name][-1].wall:.2f} s", file=sys.stderr)
        return runs

    def figures(self, runs):
        """Best against best. The targets are those of a run that proves nothing of what it made."""
        def ratio(what, one, other):
            return best(runs[one], what) / best(runs[other], what)

        def unproved(what, one):
            return min(getattr(run, what) - run.proof for run in runs[one]) / best(runs[SEARCH], what)

        peak = max(run.peak for name in (FIRST, FULL, FEW, NOBODY) for run in runs[name])
        yield Figure("wall, the very first run to ldapsearch", unproved("wall", FIRST), "", 2.0)
        yield Figure("CPU, the very first run to ldapsearch", unproved("cpu", FIRST), "", 3.0)
        yield Figure("wall, a later full run to ldapsearch", unproved("wall", FULL), "", 1.7)
        yield Figure("CPU, a later full run to ldapsearch", unproved("cpu", FULL), "", 2.5)
        for name in (FIRST, FULL):
            yield Figure(f"wall, {name.split(', ')[1]}, with its proof", ratio("wall", name, SEARCH), "")
            yield Figure(f"CPU, {name.split(', ')[1]}, with its proof", ratio("cpu", name, SEARCH), "")
        yield Figure("CPU, 1 % changed to a full run", ratio("cpu", FEW, FULL), "", 1.0)
        yield Figure("upload, 1 % changed to a full run",
                     100 * self.uploaded[FEW] / self.uploaded[FULL], " %", 1.1)
        yield Figure("CPU, nobody changed to a full run", ratio("cpu", NOBODY, FULL), "", 1.0)
        yield Figure("wall, Python to a later full run", ratio("wall", PYTHON, FULL), "")
        yield Figure("CPU, Python to a later full run", ratio("cpu", PYTHON, FULL), "")
        yield Figure("peak memory of ldap2alma", peak, " MB", 48 if self.count <= 100_000 else 160)

    def directory(self):
        self.start_slapd()
        runs = self.clients()
        return ([f"{self.count} people, {self.repeat} runs in turn, best / median", "",
                 *table(runs)], list(self.figures(runs)))

    def changes(self):
        if not self.slapd:
            self.start_slapd()
        feeds = (detected.of_slapd(self.build, self.folder / "by-syncrepl", self.slapd,
                                   (BIND_DN, PASSWORD), PEOPLE, MAPPING, repeat=self.repeat),
                 detected.of_samba(self.build, self.folder / "by-dirsync",
                                   Certificates(self.folder / "certificates-of-the-domain"),
                                   self.count // 5, DOMAIN_MAPPING, self.repeat))
        return [line for lines, _ in feeds for line in ("", *lines)][1:], [
            figure for _, figures in feeds for figure in figures]

    def roster(self):
        slapd = self.make_slapd("slapd-of-a-million", MILLION)
        slapd.start()
        try:
            return detected.of_million(self.build, self.folder / "million", slapd,
                                       (BIND_DN, PASSWORD), PEOPLE, MAPPING)
        finally:
            slapd.stop()
            shutil.rmtree(slapd.folder)

    def latency(self):
        """An upload with connection and login, each way of the line half the latency."""
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
        rate = (self.arrived(LATENCY_PEOPLE * 0.98, LATENCY_PEOPLE)
                / json.loads(report.read_text())["timings"]["deliver"] / 1e6)
        return [], [Figure(f"upload over {LATENCY_MS} ms of latency", rate, " MB/s", 20, True)]


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


def measure_parts(bench, folder, only):
    """Lines and figures of each part."""
    for part in (only,) if only else PARTS:
        if part in ("directory", "latency") and not bench.sshd:
            bench.start_sshd()
        if part == "mapping":
            yield list(mapping_alone(bench.build, folder)), []
        elif part == "pictures":
            yield [], pictures_alone(bench.build, folder)
        elif part == "photos":
            yield PhotosBench(bench.build, folder, bench.count, bench.repeat).runs()
        elif part == "depot":
            yield DepotBench(bench.build, folder, bench.repeat).runs()
        elif part == "push":
            yield PushBench(bench.build, folder, bench.count, bench.repeat).runs()
        elif part == "groups":
            yield GroupsBench(bench.build, folder, bench.repeat).runs()
        elif part == "million":
            yield Million(bench.build, folder, MAPPING, MILLION).runs()
        else:
            yield getattr(bench, part)()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("-n", "--people", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=options.build.absolute()))
    bench = Bench(options, folder)
    lines, missed = machine(), 0
    try:
        for told, figures in measure_parts(bench, folder, options.only):
            lines += [""] * bool(told) + told + [""] + [str(figure) for figure in figures]
            missed += sum(not figure.reached() for figure in figures)
    finally:
        bench.stop()
        shutil.rmtree(folder)
    print("\n".join(lines))
    if not options.only:
        (options.build / "bench.txt").write_text("\n".join(lines) + "\n")
    if missed:
        sys.exit(f"bench: {missed} of the targets missed")


if __name__ == "__main__":
    main()
