"""What the parts of the bench share: measuring a command, and how figures are printed."""
import dataclasses
import statistics
import subprocess
import zipfile


@dataclasses.dataclass
class Run:
    wall: float
    cpu: float
    peak: float  # MB
    proof: float = 0  # seconds of one core that went into proving what the run does


@dataclasses.dataclass
class Figure:
    """A number that may have a target: at most, or where `least` at least."""
    what: str
    number: float
    unit: str
    target: float = None
    least: bool = False

    def reached(self):
        if self.target is None:
            return True
        return self.number >= self.target if self.least else self.number <= self.target

    def __str__(self):
        if self.target is None:
            return f"{self.what:48} {self.number:8.2f}{self.unit}"
        return (f"{self.what:48} {self.number:8.2f}{self.unit:5}  "
                f"{'at least' if self.least else 'at most'} {self.target}{self.unit}: "
                f"{'reached' if self.reached() else 'MISSED'}")


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


def take_packages(folder):
    """Counts the users of what was delivered and its bytes, and removes it."""
    users = size = 0
    for package in folder.glob("*.zip"):
        with zipfile.ZipFile(package) as archive:
            users += sum(count_users(archive.open(name)) for name in archive.namelist())
        size += package.stat().st_size
        package.unlink()
    return users, size


def best(runs, what):
    return min(getattr(run, what) for run in runs)


def table(runs):
    yield f"{'':36} {'wall s':>15} {'CPU s':>15} {'peak MB':>9}"
    for name, rows in runs.items():
        cells = [f"{best(rows, what):.2f} / "
                 f"{statistics.median(getattr(row, what) for row in rows):.2f}"
                 for what in ("wall", "cpu")]
        yield f"{name:36} {cells[0]:>15} {cells[1]:>15} {max(row.peak for row in rows):9.1f}"
