"""Packages read by other programs: unzip, Python's zipfile, Java's ZipInputStream."""

import hashlib
import shutil
import stat
import subprocess
import zipfile

import pytest
from conftest import BUILD, TOP

TOOL = BUILD / "tests/support/make_package"
BEGIN = b'<?xml version="1.0" encoding="UTF-8"?>\n<users>\n'
END = b"</users>\n"


class Packages:
    """Packages made by the tool, and what it said of them."""

    def __init__(self, folder, people, records_per_file, files_per_package, max_size=10**9):
        folder.mkdir()
        arguments = [folder, people, records_per_file, files_per_package, max_size]
        run = subprocess.run([TOOL, *map(str, arguments)], check=True, capture_output=True, text=True)
        self.said = [line.split() for line in run.stdout.splitlines()]
        self.paths = [folder / name for name, *_ in self.said]
        self.records = (folder / "sample.txt").read_bytes()

    def documents(self):
        """[(path, name, content)] by Python's zipfile, which checks sizes and CRC-32."""
        for path in self.paths:
            with zipfile.ZipFile(path) as package:
                for member in package.infolist():
                    yield path, member.filename, package.read(member)


@pytest.fixture(scope="module", params=[(1, 10, 50), (250, 100, 2), (1000, 1, 50), (20000, 10000, 1)],
                ids=lambda shape: "-".join(map(str, shape)))
def packages(request, tmp_path_factory):
    return Packages(tmp_path_factory.mktemp("packages") / "out", *request.param)


def test_python_reads_every_record(packages):
    bodies = []
    for _, _, content in packages.documents():
        assert content.startswith(BEGIN) and content.endswith(END)
        bodies.append(content[len(BEGIN):-len(END)])
    assert b"".join(bodies) == packages.records


def test_members_are_numbered_in_each_package(packages):
    for path in packages.paths:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
        assert names == [f"users-{number:04}.xml" for number in range(1, len(names) + 1)]


def test_what_is_said_of_packages_is_true(packages):
    people = 0
    for (_, records, size, sha256), path in zip(packages.said, packages.paths):
        assert path.stat().st_size == int(size)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        people += int(records)
    assert people == packages.records.count(b"<user>")


def test_members_are_private_and_plain(packages):
    for path in packages.paths:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with zipfile.ZipFile(path) as package:
            for member in package.infolist():
                assert member.compress_type == zipfile.ZIP_DEFLATED
                assert member.date_time == (2026, 9, 1, 3, 0, 0)
                assert member.flag_bits == 0 and member.extra == b""
                assert stat.S_IMODE(member.external_attr >> 16) == 0o600


def test_unzip_finds_no_fault(packages):
    if not shutil.which("unzip"):
        pytest.skip("unzip is not installed")
    for path in packages.paths:
        run = subprocess.run(["unzip", "-tqq", path], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def java_reader(tmp_path_factory):
    if not shutil.which("javac"):
        pytest.skip("no JDK is installed")
    classes = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-d", classes, TOP / "tests/flow/ReadZip.java"], check=True)
    return ["java", "-cp", classes, "ReadZip"]


def test_java_reads_front_to_back(packages, java_reader):
    for path in packages.paths[:3]:
        run = subprocess.run([*java_reader, path], check=True, capture_output=True, text=True)
        expected = [
            f"{name} {len(content)} {hashlib.sha256(content).hexdigest()}"
            for where, name, content in packages.documents() if where == path
        ]
        assert run.stdout.splitlines() == expected


def test_documents_are_valid(packages):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(TOP / "connector/alma/alma-users.xsd")))
    for _, _, content in list(packages.documents())[:3]:
        schema.assertValid(etree.fromstring(content))


def test_a_size_limit_splits(tmp_path):
    packages = Packages(tmp_path / "out", 500, 20, 50, max_size=20000)
    assert len(packages.paths) > 2
    assert max(path.stat().st_size for path in packages.paths) <= 20000
    bodies = [content[len(BEGIN):-len(END)] for _, _, content in packages.documents()]
    assert b"".join(bodies) == packages.records


def test_two_runs_make_the_same_files(tmp_path):
    first = Packages(tmp_path / "first", 3000, 1000, 2)
    second = Packages(tmp_path / "second", 3000, 1000, 2)
    assert first.said == second.said
    assert [path.read_bytes() for path in first.paths] == [path.read_bytes() for path in second.paths]
