"""The mappings ready to use: their own tests reach all of each, and what they make loads into Alma."""

import subprocess
import zipfile

import pytest
from conftest import TOP
from feed import PROGRAM, Feed, adds_up

etree = pytest.importorskip("lxml.etree", reason="Debian's python3-lxml is not installed")
yaml = pytest.importorskip("yaml", reason="Debian's python3-yaml is not installed")

FOLDER = TOP / "mappings"
OURS = TOP / "connector/alma/alma-users.xsd"
THEIRS = TOP.parent / "shared/alma/xsd/rest_users.xsd"
TESTS = sorted(FOLDER.glob("*.test.yaml"))
MAPPINGS = sorted(set(FOLDER.glob("*.yaml")) - set(TESTS))
DOCUMENT = (TOP / "docs/mappings.md").read_text()

each_test = pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name.removesuffix(".test.yaml"))


def ldap2alma(*arguments):
    return subprocess.run([PROGRAM, *arguments], cwd=FOLDER, capture_output=True,
                          text=True, timeout=60, check=False)


def load(test):
    return yaml.load(test.read_text(), yaml.BaseLoader)


def records(ldif):
    """The records of an LDIF text, by their dn."""
    parts = ("\n".join(line for line in part.splitlines() if not line.startswith("#"))
             for part in ldif.split("\n\n"))
    return {part.split("\n")[0].removeprefix("dn: "): part for part in parts if part.strip()}


def people(test):
    """The entries of all cases, as one LDIF text."""
    tests = load(test)
    shared = records((FOLDER / tests["ldif"]).read_text()) if "ldif" in tests else {}
    return "\n\n".join(case.get("entry", shared.get(case.get("dn"), "")).strip()
                       for case in tests["cases"]) + "\n"


def test_each_mapping_has_its_tests_and_its_words():
    assert len(MAPPINGS) >= 8
    assert [path.name.removesuffix(".yaml") for path in MAPPINGS] == \
        [path.name.removesuffix(".test.yaml") for path in TESTS]
    for path in MAPPINGS:
        assert path.name.removesuffix(".yaml") in DOCUMENT


@each_test
def test_cases_pass_and_reach_every_rule(test):
    result = ldap2alma("test", "--coverage", "--coverage-min", "100", test.name)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


@each_test
def test_a_run_sends_just_whom_the_cases_say(test, tmp_path):
    cases = load(test)["cases"]
    skipped = [case for case in cases if "skipped" in case]
    rejected = [case for case in cases if "rejected" in case]
    feed = Feed(tmp_path, people(test))
    feed.write("ldap2alma.yaml", (feed.folder / "ldap2alma.yaml").read_text().replace(
        "mapping: mapping.yaml", f"mapping: {FOLDER / load(test)['mapping']}"))
    result = feed.run()
    # Silence: some case has each attribute that the mapping names.
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    counts = feed.report["counts"]
    assert adds_up(counts)
    assert (counts["skipped"], counts["rejected"]) == (len(skipped), len(rejected))
    assert counts["sent"] == len(feed.users()) == len(cases) - len(skipped) - len(rejected) > 0
    assert feed.run(*feed.packages(), command="validate").returncode == 0
    validate(feed)


def validate(feed):
    schemas = [etree.XMLSchema(etree.parse(str(path))) for path in (OURS, THEIRS) if path.exists()]
    for package in feed.packages():
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                for schema in schemas:
                    schema.assertValid(etree.fromstring(archive.read(name)))
    if not THEIRS.exists():
        pytest.skip(f"valid by our schema; Ex Libris' is not at {THEIRS}")
