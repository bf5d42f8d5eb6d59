"""The part `photos` of the bench: N people with a JPEG each in a private slapd, their photos to a folder
and to a private sshd on loopback.

A few hundred pictures of 30 to 60 KB are shared among all, so that they can be made in seconds. That
spares nobody anything: each is stored, read, decoded and delivered for each person anew. The entries
are a year old to the directory, so that versions count from the first run on.
"""
import base64
import json
import os
import random
import struct
import subprocess
import sys
import zlib

from figures import Figure, best, measured, table
from machine import program
from slapd import (ADMIN, ADMIN_PASSWORD, PEOPLE, READER, READER_PASSWORD, SUFFIX, Certificates,
                   Slapd, tree)
from sshd import Keys, Sshd

PICTURES, WIDTH, HEIGHT, BYTES = 300, 480, 640, 60_000
SEED = 7
SECONDS_MOST = 10  # of 100,000 people without a change
FIRST, NOBODY, FEW = "first delivery", "nothing changed", "1 % changed"
MAPPING = """\
mapping: 1
match_id: primary_id
user: { primary_id: "${uid}", last_name: "${sn}" }
"""
SETTINGS = """\
name: photos-{name}
directory:
  uri: {uri}
  tls: {{ mode: none }}
  bind: {{ method: simple, dn: "{user}", password: {{ file: {folder}/password }} }}
  searches: [{{ base: "{people}", filter: "(uid=*)" }}]
mapping: {folder}/mapping.yaml
delivery: {{ folder: {folder} }}
photos:
  attribute: jpegPhoto
  url: https://photos.example.edu/user_photos/
  delivery: {{ {delivery} }}
brakes: {{ photos: off }}
spool: {folder}/spool
"""


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def drawn(draw):
    """A PNG with stripes and as much noise as makes a JPEG of some 30 to 60 KB of it."""
    noise = draw.randint(20, 50)
    tints = [bytes(min(255, base + byte * noise // 256) for byte in range(256))
             for base in (draw.randrange(200) for _ in range(16))]
    rows = b"".join(b"\0" + draw.randbytes(3 * WIDTH).translate(tints[row * 16 // HEIGHT])
                    for row in range(HEIGHT))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class PhotosBench:
    def __init__(self, build, folder, count, repeat):
        self.build, self.folder = build, folder / "photos"
        self.count, self.repeat = count, repeat
        for name in ("keys", "sshd", "there", "drawn", "made"):
            (self.folder / name).mkdir(parents=True)
        self.slapd = Slapd(self.folder / "slapd", Certificates(self.folder / "certificates"),
                           limits="limits * size=unlimited time=unlimited\n"
                                  "index entryUUID,entryCSN eq\n")
        self.sshd = Sshd(self.folder / "sshd", Keys(self.folder / "keys"))
        (self.folder / "password").touch(0o600)
        (self.folder / "password").write_text(READER_PASSWORD)
        (self.folder / "mapping.yaml").write_text(MAPPING)
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(build / ".libs"),
                            "LDAP2ALMA_LIBEXEC": str(build / "connector/photos")}
        self.pictures, self.steps, self.turn = [], [], 0

    def make_pictures(self):
        draw = random.Random(SEED)
        paths = [self.folder / f"drawn/{number}.png" for number in range(PICTURES)]
        for path in paths:
            path.write_bytes(drawn(draw))
        subprocess.run([self.build / "tests/support/make_pictures", "-w", str(WIDTH), "-h",
                        str(HEIGHT), "-b", str(BYTES), "-o", self.folder / "made", *paths],
                       env=self.environment, stdout=subprocess.DEVNULL, check=True)
        self.pictures = [base64.b64encode((self.folder / f"made/{number}").read_bytes()).decode()
                         for number in range(PICTURES)]

    def people(self):
        for number in range(self.count):
            yield (f"dn: uid=u{number:06d},{PEOPLE}\nobjectClass: inetOrgPerson\n"
                   f"uid: u{number:06d}\ncn: P\nsn: Person {number}\n"
                   f"entryCSN: 20250901000000.{number:06d}Z#000000#000#000000\n"
                   f"jpegPhoto:: {self.pictures[number % PICTURES]}\n\n")

    def load(self):
        loading = subprocess.Popen(
            [program("slapadd"), "-q", "-f", self.slapd.folder / "slapd.conf", "-b", SUFFIX],
            stdin=subprocess.PIPE, text=True)
        with loading.stdin:
            loading.stdin.write(tree())
            loading.stdin.writelines(self.people())
        if loading.wait():
            raise RuntimeError("slapadd failed")

    def change(self):
        """One in a hundred gets somebody else's picture."""
        self.turn += 1
        changes = "".join(f"dn: uid=u{number:06d},{PEOPLE}\nchangetype: modify\nreplace: jpegPhoto\n"
                          f"jpegPhoto:: {self.pictures[(number + self.turn) % PICTURES]}\n\n"
                          for number in range(0, self.count, 100))
        subprocess.run(["ldapmodify", "-x", "-H", self.slapd.ldap_uri, "-D", ADMIN, "-w",
                        ADMIN_PASSWORD], input=changes, stdout=subprocess.DEVNULL, check=True,
                       text=True)

    def settings(self, name, delivery):
        path = self.folder / f"{name}.yaml"
        path.write_text(SETTINGS.format(name=name, uri=self.slapd.ldap_uri, user=READER,
                                        people=PEOPLE, folder=self.folder, delivery=delivery))
        return path

    def run(self, settings, what, **counts):
        report = self.folder / "report.json"
        run, _ = measured(self.build, self.folder,
                          [self.build / ".libs/ldap2alma", "-q", "-c", settings, "photos",
                           "--report", report], env=self.environment)
        told = json.loads(report.read_text())
        if {name: told["counts"][name] for name in counts} != counts:
            sys.exit(f"bench: {what}: {told['counts']} and not {counts}")
        steps = ", ".join(f"{step} {seconds:.2f}" for step, seconds in told["timings"].items()
                          if seconds >= 0.01)
        self.steps.append(f"{settings.stem}, {what}: {steps}")
        print(f"bench: {self.steps[-1]}; {run.wall:.2f} s", file=sys.stderr)
        return run

    def measure(self, name, settings):
        few = len(range(0, self.count, 100))
        runs = {f"{name}, {what}": [] for what in (FIRST, NOBODY, FEW)}
        runs[f"{name}, {FIRST}"].append(self.run(settings, FIRST, added=self.count))
        for _ in range(self.repeat):
            runs[f"{name}, {NOBODY}"].append(
                self.run(settings, NOBODY, current=self.count, replaced=0))
            self.change()
            runs[f"{name}, {FEW}"].append(
                self.run(settings, FEW, replaced=few, current=self.count - few))
        return runs

    def runs(self):
        """The lines to print, and the figures."""
        self.make_pictures()
        self.load()
        self.slapd.start()
        self.sshd.start()
        sftp = (f"sftp: {{ host: 127.0.0.1, port: {self.sshd.port}, user: {self.sshd.user}, key: "
                f"{{ file: {self.sshd.keys.path('ed25519')} }}, known_hosts: "
                f"{self.sshd.known_hosts}, directory: {self.sshd.home} }}")
        try:
            runs = self.measure("folder",
                                self.settings("folder", f"folder: {self.folder}/there"))
            runs.update(self.measure("SFTP", self.settings("sftp", sftp)))
        finally:
            self.sshd.stop()
            self.slapd.stop()
        mean = sum(map(len, self.pictures)) * 3 / 4 / PICTURES / 1000
        return ([f"{self.count} people, pictures of {mean:.0f} KB", "", *table(runs), "",
                 *self.steps], list(self.figures(runs)))

    def figures(self, runs):
        for name in ("folder", "SFTP"):
            first, nobody = (best(runs[f"{name}, {what}"], "wall") for what in (FIRST, NOBODY))
            yield Figure(f"photos of a first delivery, {name}", self.count / first, "/s")
            yield Figure(f"wall, nothing changed, {name}", nobody, " s",
                         SECONDS_MOST * max(self.count, 10_000) / 100_000)
