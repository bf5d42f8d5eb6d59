"""What flow and live tests share. $LDAP2ALMA is the program of the build that is tested; without it
that of the working directory, or of build/ below it."""

import os
import pathlib
import signal
import subprocess

import pytest

pytest.register_assert_rewrite("days", "ledger", "scene", "witness")
TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("LDAP2ALMA") or
                     ("ldap2alma" if os.path.exists("ldap2alma") else "build/ldap2alma")).absolute().parent
os.environ["LDAP2ALMA"] = str(BUILD / "ldap2alma")
PROGRAM = os.environ["LDAP2ALMA"]
# In the program's place libtool leaves a script: it takes longer than the program that it begins,
# and would be preloaded as well.
if (BUILD / ".libs/ldap2alma").exists():
    PROGRAM = str(BUILD / ".libs/ldap2alma")
    os.environ["LD_LIBRARY_PATH"] = str(BUILD / ".libs")
os.environ.setdefault("LDAP2ALMA_LIBEXEC", str(BUILD / "connector/photos"))
# For tests that start it with an environment of their own: what it needs because it is not
# installed, sanitized, or notes what ran.
UNINSTALLED = {name: os.environ[name]
               for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE")
               if name in os.environ}


def pytest_configure():
    """A test run that is told to end stops its servers first."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))


@pytest.fixture(scope="session")
def people_ldif():
    """Makes a directory of N invented people as LDIF: people_ldif(100, "--defects")."""
    def make(count, *options):
        return subprocess.run([BUILD / "tests/support/people", "-n", str(count), *options],
                              stdout=subprocess.PIPE, check=True).stdout
    return make


@pytest.fixture(scope="session")
def university_mapping():
    """The mapping that fits those people."""
    return (TOP / "mappings/openldap-eduperson.yaml").read_text()
