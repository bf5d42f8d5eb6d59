"""The RPM packages: built without optimization, and installed, upgraded and removed, on a system that
has what they need under other names."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP

import installed
from root import Root

SPEC = TOP / "contrib/rpm/ldap2alma.spec"

if not shutil.which("rpmbuild"):
    pytest.skip("rpmbuild is not installed", allow_module_level=True)


def build(folder, *flags):
    """All packages, without asking the database of a system that knows nothing of RPM."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    # pylint: disable=subprocess-run-check
    result = subprocess.run(
        ["make", "-C", BUILD, "rpm", "RPMFLAGS=--nodeps --nocheck " + " ".join(
            f"--define '{flag}'" for flag in [f"_topdir {folder}", f"_rpmdir {folder}", "optflags -O0",
                                              "_libdir /usr/lib", *flags])],
        env=environment, capture_output=True, text=True)
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]


def test_build_requires_what_configure_asks_for():
    """And each of it: names and versions."""
    asked = set()
    for modules in re.findall(r"PKG_CHECK_MODULES\(\[\w+\], \[([^]]*)\]", (TOP / "configure.ac").read_text()):
        asked |= set(re.findall(r"([\w.-]*[a-z][\w.-]*)(?: >= ([\d.]+))?", modules))
    asked = {(name, version) for name, version in asked if name not in ("lber",)}
    wanted = set(re.findall(r"(?m)^BuildRequires: *pkgconfig\(([^)]*)\)(?: >= (\S+))?$", SPEC.read_text()))
    assert wanted == asked


@pytest.fixture(name="root", scope="module")
def make_root(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root can install packages")
    folder = tmp_path_factory.mktemp("rpm")
    build(folder)
    root = Root(folder)
    if not root.is_there:
        pytest.skip(f"no overlay: {root.why}")
    root.run("rpm", "--initdb")
    yield root
    root.close()


def packages(root):
    return root.run("find", "/mnt", "-name", "ldap2alma*.rpm", "!", "-name", "*.src.rpm").split()


# The tests below are a story: each goes on where the one before ended.


def test_install(root):
    assert len(packages(root)) == 3
    root.run("rpm", "--install", "--nodeps", *packages(root))
    root.run("ldconfig")
    assert root.run("ldap2alma", "--version").startswith("ldap2alma ")
    installed.has_its_account_and_folders(root)
    installed.runs_nothing_by_itself(root)
    installed.has_settings_to_begin_with(root)
    installed.completes(root, "/usr/share/zsh/site-functions")
    installed.builds_programs(root)


def test_settings_are_configuration(root):
    assert root.run("rpm", "--query", "--configfiles", "ldap2alma").split() == [
        f"/etc/ldap2alma/{name}" for name in ["ldap2alma.yaml", "mapping.test.yaml", "mapping.yaml"]]


def test_a_feed_runs(root):
    installed.delivers(root, 1)


def test_again_it_keeps_what_is_the_administrators(root):
    root.run("sed", "-i", "$ a # ours", "/etc/ldap2alma/mapping.yaml")
    root.run("rpm", "--upgrade", "--replacepkgs", "--nodeps", *packages(root))
    assert root.run("tail", "-n", "1", "/etc/ldap2alma/mapping.yaml") == "# ours\n"
    installed.has_its_account_and_folders(root)
    installed.delivers(root, 1)


def test_erase_leaves_what_was_changed_and_the_state(root):
    root.run("rpm", "--erase", "ldap2alma", "ldap2alma-devel", "ldap2alma-libs")
    assert not root.has("/usr/bin/ldap2alma") and not root.has("/usr/lib/libldap2alma.so.0")
    assert sorted(root.run("find", "/etc/ldap2alma", "-type", "f").split()) == [
        f"/etc/ldap2alma/{name}" for name in ["mapping.yaml.rpmsave", "people.ldif", "people.yaml"]]
    assert root.has("/var/spool/ldap2alma/feeds")
