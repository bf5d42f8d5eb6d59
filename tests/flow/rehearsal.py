"""rehearsal: a feed on two copies of one folder, of which one is rehearsed and the other one is run.

    stage = Stage(tmp_path, person(1), more=CHANGED)
    stage.day()                       # a real run
    stage.give(person(1, sn="Cole"))
    real, dry = stage.compare()       # the same in both, and the rehearsal has touched nothing
"""

import json
import os
import pathlib
import shutil
import stat
import zipfile

from feed import MAPPING, SETTINGS, UNBRAKED
from killing import Killable
from scene import DAY_SECONDS, FIRST_DAY

SAME = ("mode", "changes", "outcome", "exit", "error", "counts", "changed_fields", "source", "target",
        "leavers", "findings", "findings_omitted", "brakes")


def snapshot(folder, without=()):
    """All that a program could have touched below the folder."""
    seen = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = str(path.relative_to(folder))
        info = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(info.st_mode) else \
            os.readlink(path) if path.is_symlink() else None
        seen[name] = (info.st_mode, None if name in without else info.st_mtime_ns, info.st_ino, content)
    return seen


def documents(folder):
    """What the packages in the folder hold, in their order."""
    found = []
    for package in sorted(pathlib.Path(folder).glob("*.zip")):
        with zipfile.ZipFile(package) as archive:
            found.append([(name, archive.read(name)) for name in archive.namelist()])
    return found


class Stage:
    def __init__(self, folder, *people, more="", mapping=MAPPING, settings=None):
        self.root = pathlib.Path(folder).resolve()
        self.folder = self.root / "stage"
        (self.root / "beside").mkdir()
        (self.folder / "out").mkdir(parents=True)
        self.program = Killable(self.folder, self.root / "beside")
        self.clock = FIRST_DAY
        self.write("ldap2alma.yaml", settings or SETTINGS.format(ldif="people.ldif", brakes=UNBRAKED, more=more))
        self.write("mapping.yaml", mapping)
        self.give(*people)
        self.state = self.folder / "spool/test/state.db"
        self.report = None

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def give(self, *people):
        self.write("people.ldif", "".join(people))

    def change(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, *options, **kill):
        report = self.root / "report.json"
        report.unlink(missing_ok=True)
        result = self.program.run("--report", str(report), *options, clock=self.clock, **kill)
        self.report = json.loads(report.read_text()) if report.exists() else None
        return result

    def day(self, *options, days=1, status=0, **kill):
        """A real run, and some days go by."""
        result = self.run(*options, **kill)
        assert result.returncode == status, result.stderr
        self.clock += days * DAY_SECONDS
        return result

    def take(self):
        for package in (self.folder / "out").glob("*.zip"):
            package.rename(package.with_name(package.name + ".handled"))

    def rehearse(self, *options):
        """A dry run that leaves everything as it was."""
        before = snapshot(self.folder, without=["spool"])
        result = self.run("--dry-run", *options)
        assert snapshot(self.folder, without=["spool"]) == before
        return result

    def compare(self, *options):
        """A rehearsal, and the real run from where it began: (report of the run, of the rehearsal)."""
        kept = self.root / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        result = self.rehearse("--keep", str(kept), *options)
        dry, there = self.report, set(self.folder.glob("out/*"))
        real = self.run(*options)
        assert result.returncode == real.returncode, result.stderr + real.stderr
        assert (dry is None) == (self.report is None)
        for key in SAME:
            assert (key, dry[key]) == (key, self.report[key])
        assert [(package["records"], package["files"]) for package in dry["packages"]] == \
            [(package["records"], package["files"]) for package in self.report["packages"]]
        assert not any(package["delivered"] for package in dry["packages"])
        if real.returncode == 0:
            new = self.root / "new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            for path in set(self.folder.glob("out/*")) - there:
                shutil.copy(path, new)
            names = [package["name"] for package in self.report["packages"]]
            assert sorted(path.name for path in new.iterdir()) == names
            assert documents(kept) == documents(new)
        return self.report, dry
