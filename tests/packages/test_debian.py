"""The Debian package: built, looked over by lintian, and installed, upgraded, removed and purged."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP

import installed
from root import Root

VERSION = re.search(r"AC_INIT\(\[ldap2alma\], \[([^]]*)\]", (TOP / "configure.ac").read_text())[1]

for tool in ["dh", "dpkg-buildpackage"]:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed", allow_module_level=True)


def run(*words, **options):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
    return result.stdout + result.stderr


@pytest.fixture(name="packages", scope="module")
def build_packages():
    """The folder with the packages. Their tests were run by other steps."""
    shutil.rmtree(BUILD / "packages", ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    run("make", "-C", BUILD, "deb", env=environment | {"DEB_BUILD_OPTIONS": "nocheck noautodbgsym parallel=2"})
    return BUILD / "packages"


def test_versions_agree():
    for path, pattern in [("contrib/debian/changelog", r"^ldap2alma \((\S*)-\d+\)"),
                          ("contrib/rpm/ldap2alma.spec", r"(?m)^Version: *(\S+)$")]:
        assert re.search(pattern, (TOP / path).read_text())[1] == VERSION


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_lintian_is_content(packages):
    changes, = packages.glob("*.changes")
    assert run("lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", changes) == ""


def test_what_the_library_needs_is_versioned(packages):
    symbols = run("dpkg-deb", "--info", *packages.glob("libldap2alma0_*.deb"), "symbols")
    assert "* Build-Depends-Package: libldap2alma-dev\n" in symbols
    assert f" l2a_run@LDAP2ALMA_0 {VERSION}\n" in symbols


@pytest.fixture(name="root", scope="module")
def make_root(packages, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root can install packages")
    debs = tmp_path_factory.mktemp("debs")
    for path in packages.glob("*.deb"):
        shutil.copy(path, debs / path.name.split("_")[0])
    for name in ["ldap2alma", "libldap2alma0"]:
        make_next(debs / name, debs / f"{name}-next")
    root = Root(debs)
    if not root.is_there:
        pytest.skip(f"no overlay: {root.why}")
    yield root
    root.close()


def make_next(package, following):
    """The same as the version that comes next, with another mapping."""
    tree = following.with_suffix(".tree")
    run("dpkg-deb", "--raw-extract", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"{VERSION}-1", f"{VERSION}-2"))
    mapping = tree / "etc/ldap2alma/mapping.yaml"
    if mapping.exists():
        mapping.write_text(mapping.read_text() + "# the next one\n")
    run("dpkg-deb", "--root-owner-group", "--build", tree, following)


def install(root, *names, options=()):
    return root.run("dpkg", *options, "--install", *[f"/mnt/{name}" for name in names])


# The tests below are a story: each goes on where the one before ended.


def test_install(root):
    install(root, "ldap2alma", "libldap2alma0", "libldap2alma-dev")
    assert root.run("ldap2alma", "--version") == f"ldap2alma {VERSION}\n"
    assert "LDAP2ALMA UNKNOWN" in root.run("/usr/lib/nagios/plugins/check_ldap2alma", "-f", "/none", status=3)
    installed.has_its_account_and_folders(root)
    installed.runs_nothing_by_itself(root)
    installed.has_settings_to_begin_with(root)
    installed.completes(root, "/usr/share/zsh/vendor-completions")
    installed.builds_programs(root)
    # Scripts for frameworks have the package's places in them, not those of `make install`.
    scripts = [f"/usr/share/ldap2alma/{name}" for name in ("connid", "grouper", "lsc", "midpoint", "python")]
    assert root.run("grep", "-rl", "/usr/local", *scripts, status=1) == ""


def test_conffiles(root):
    told = root.run("dpkg-query", "--show", "--showformat", "${Conffiles}", "ldap2alma")
    assert re.findall(r"/\S+", told) == [f"/etc/ldap2alma/{name}" for name in
                                         ["ldap2alma.yaml", "mapping.test.yaml", "mapping.yaml"]]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_finds_the_completion(root):
    script = "autoload -U compinit; compinit -D -u; print -r -- $_comps[ldap2alma] $_comps[check_ldap2alma]"
    assert root.run("zsh", "-c", script) == "_ldap2alma _ldap2alma\n"


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_finds_the_completion(root):
    assert root.run("fish", "-c", "complete -C 'ldap2alma run --mode i'") == "import\n"
    script = "set -x PATH /usr/lib/nagios/plugins $PATH; complete -C 'check_ldap2alma -w outb'"
    assert root.run("fish", "-c", script).startswith("outbox=\t")


def test_a_feed_runs(root):
    installed.delivers(root, 1)


def test_upgrade_keeps_what_is_the_administrators(root):
    root.write("/etc/ldap2alma/secrets/ours", "secret")
    for name in ["ldap2alma.yaml", "mapping.yaml"]:
        root.run("sed", "-i", "$ a # ours", f"/etc/ldap2alma/{name}")
    install(root, "ldap2alma-next", "libldap2alma0-next", options=["--force-confdef", "--force-confold"])
    assert root.run("dpkg-query", "--show", "--showformat", "${Version}", "ldap2alma") == f"{VERSION}-2"
    for name in ["ldap2alma.yaml", "mapping.yaml"]:
        assert root.run("tail", "-n", "1", f"/etc/ldap2alma/{name}") == "# ours\n"
    # One was changed by both sides: the new one lies beside it.
    assert root.run("tail", "-n", "1", "/etc/ldap2alma/mapping.yaml.dpkg-dist") == "# the next one\n"
    assert not root.has("/etc/ldap2alma/ldap2alma.yaml.dpkg-dist")
    installed.has_its_account_and_folders(root)
    assert root.run("cat", "/etc/ldap2alma/secrets/ours") == "secret"


def test_an_upgraded_feed_knows_what_was_delivered(root):
    installed.delivers(root, 1)


def test_remove_leaves_settings_and_state(root):
    root.run("mkdir", "-p", "/etc/systemd/system/timers.target.wants")
    root.run("ln", "-s", "/lib/systemd/system/ldap2alma@.timer",
             "/etc/systemd/system/timers.target.wants/ldap2alma@people.timer")
    root.run("dpkg", "--remove", "ldap2alma", "libldap2alma-dev")
    root.run("dpkg", "--remove", "libldap2alma0")
    assert not root.has("/usr/bin/ldap2alma")
    assert root.run("find", "/usr", "-name", "*ldap2alma*", "-path", "/usr/lib/*-linux-gnu/*") == ""
    for path in ["ldap2alma.yaml", "mapping.yaml", "people.yaml", "secrets/ours"]:
        assert root.has(f"/etc/ldap2alma/{path}")
    assert root.has("/var/spool/ldap2alma/outgoing")


def test_reinstalled_it_goes_on(root):
    install(root, "ldap2alma-next", "libldap2alma0-next", options=["--force-confdef", "--force-confold"])
    installed.delivers(root, 1)


def test_purge_deletes_the_people_and_leaves_what_was_put_there(root):
    root.run("dpkg", "--purge", "ldap2alma")
    assert not root.has("/var/spool/ldap2alma")
    assert not root.has("/etc/systemd/system/timers.target.wants/ldap2alma@people.timer")
    assert sorted(root.run("find", "/etc/ldap2alma", "-type", "f").split()) == [
        "/etc/ldap2alma/people.ldif", "/etc/ldap2alma/people.yaml", "/etc/ldap2alma/secrets/ours"]


def test_purge_leaves_nothing_of_its_own(root):
    root.run("rm", "-r", "/etc/ldap2alma")
    install(root, "ldap2alma-next")
    root.run("dpkg", "--purge", "ldap2alma", "libldap2alma0")
    left = root.run("find", "/etc", "/usr", "/var", "/lib/systemd/", "-xdev", "-name", "*ldap2alma*")
    assert left == ""


def test_the_build_leaves_the_sources_alone(packages):
    assert packages.is_dir() and not pathlib.Path(TOP / "debian").exists()
