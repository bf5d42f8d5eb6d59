"""The main job on real servers: people of slapd arrive on sshd, or nothing does."""

import os
import pathlib
import sqlite3
import subprocess
import time

import pytest
import yaml_text
from feed import NO_BRAKES, PROGRAM, Feed, adds_up
from slapd import PEOPLE, READER, READER_PASSWORD, certificates, make_slapd, university  # noqa: F401
from slapd import people, person, tree
from sshd import keys, make_sshd, shared_sshd, sshd  # noqa: F401

SPOOL = ["lock", "state.db", "state.db.lock"]  # of a feed that has nothing on its way

MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  first_name: ${givenName}
  last_name: ${sn}
  emails:
    - { each: "${mail}", email_address: "${each}", email_types: [work] }
"""


class LiveFeed(Feed):
    """A feed from servers to a server; keys of `changes` replace parts of the settings."""

    def __init__(self, folder, uris, server, host_keys, **changes):
        super().__init__(folder, mapping=MAPPING)
        self.server = server
        self.write("secret", READER_PASSWORD + "\n")
        (self.folder / "secret").chmod(0o600)
        settings = {
            "name": "test",
            "directory": {
                "uri": uris,
                "tls": {"ca_file": changes.pop("ca_file", None)},
                "bind": {"method": "simple", "dn": READER, "password": {"file": "secret"}},
                "searches": changes.pop("searches", [{"base": PEOPLE, "filter": "(uid=*)"}]),
                "page_size": changes.pop("page_size", 100),
                "timeout": "5s",
            },
            "mapping": "mapping.yaml",
            "delivery": {
                "sftp": {
                    "host": "127.0.0.1", "port": changes.pop("port", server.port),
                    "user": server.user, "key": {"file": host_keys.path("ed25519")},
                    "known_hosts": changes.pop("known_hosts", str(server.known_hosts)),
                    "directory": str(server.home), "timeout": "5s"},
                "retry": {"attempts": 2, "wait": "1s"}},
            "brakes": changes.pop("brakes", NO_BRAKES),
            "spool": "spool",
        }
        settings["delivery"]["sftp"].update(changes.pop("sftp", {}))
        assert not changes
        self.write("ldap2alma.yaml", yaml_text.dump(settings))

    def packages(self):
        return [path for path in sorted(self.server.home.iterdir()) if path.suffix == ".zip"]


@pytest.fixture(name="live")
def make_live(tmp_path, university, sshd, keys, certificates):  # noqa: F811
    def make(uris=None, server=None, **changes):
        changes.setdefault("ca_file", certificates.path("ca.pem"))
        return LiveFeed(tmp_path, uris or [university.ldaps_uri], server or sshd, keys, **changes)
    return make


def ids(feed):
    return sorted(user.findtext("primary_id") for user in feed.users())


def spool_names(feed):
    return sorted(os.listdir(feed.folder / "spool/test"))


def test_people_arrive(live, sshd):  # noqa: F811
    feed = live()
    result = feed.run()
    assert (result.returncode, result.stderr) == (0, "")
    assert ids(feed) == [f"u{number:06d}" for number in range(1, 1201)]
    assert [path.suffix for path in sshd.home.iterdir()] == [".zip"]
    assert feed.report["counts"]["sent"] == 1200
    assert adds_up(feed.report["counts"])
    assert spool_names(feed) == SPOOL


def test_starttls_and_the_openssh_transport(live, university):  # noqa: F811
    feed = live([university.ldap_uri], sftp={"transport": "openssh"})
    result = feed.run()
    assert (result.returncode, result.stderr) == (0, "")
    assert len(feed.users()) == 1200


def test_several_searches_are_one_feed(live):
    feed = live(searches=[{"base": PEOPLE, "filter": "(uid=u0000*)"},
                          {"base": PEOPLE, "filter": "(uid=u00000*)"},
                          {"base": PEOPLE, "filter": "(uid=u0001*)"}])
    assert feed.run().returncode == 0
    assert ids(feed) == [f"u{number:06d}" for number in range(1, 200)]
    assert feed.report["counts"]["read"] == 199


def assert_nothing_delivered(feed, status):
    result = feed.run()
    assert result.returncode == status, result.stderr
    assert list(feed.server.home.iterdir()) == []
    assert feed.report["outcome"] == "failed"
    return result.stderr


def test_a_search_cut_by_the_size_limit_delivers_nothing(live):
    text = assert_nothing_delivered(live(page_size=0), 69)
    assert "size limit" in text.lower()


def test_a_missing_base_delivers_nothing(live):
    text = assert_nothing_delivered(
        live(searches=[{"base": PEOPLE, "filter": "(uid=*)"},
                       {"base": f"ou=gone,{PEOPLE}", "filter": "(uid=*)"}]), 78)
    assert "ou=gone" in text


def test_a_refused_login_delivers_nothing(live):
    feed = live()
    feed.write("secret", "wrong")
    text = assert_nothing_delivered(feed, 77)
    assert READER in text and "wrong" not in text.replace("wrong password", "")


def test_a_secret_that_others_can_read_is_refused(live):
    feed = live()
    (feed.folder / "secret").chmod(0o644)
    assert "which others may read (mode 0644)" in assert_nothing_delivered(feed, 77)


def test_the_next_server_takes_over(live, university):  # noqa: F811
    feed = live(["ldaps://127.0.0.1:1", university.ldaps_uri])
    result = feed.run()
    assert result.returncode == 0
    assert result.stderr == ("warning: cannot connect to '127.0.0.1' port 1: Connection refused; "
                             "trying the next server\n")
    assert len(feed.users()) == 1200


def test_an_unknown_host_key_is_refused_and_the_package_kept(live, keys):  # noqa: F811
    feed = live()
    (feed.folder / "known_hosts").write_text("other.example.edu ssh-ed25519 AAAA\n")
    feed = live(known_hosts="known_hosts")
    text = assert_nothing_delivered(feed, 77)
    assert keys.fingerprint("host_ed25519") in text or keys.fingerprint("host_ecdsa") in text
    assert [name for name in spool_names(feed) if name.endswith(".zip")]


def test_a_server_that_cannot_be_reached_keeps_the_package(live):
    feed = live(port=1)
    assert_nothing_delivered(feed, 69)
    assert feed.report["packages"][0]["delivered"] is False
    assert len([name for name in spool_names(feed) if name.endswith(".zip")]) == 1


@pytest.mark.parametrize("transport", ["libssh2", "openssh"])
def test_what_a_killed_upload_left_is_removed(live, sshd, transport):  # noqa: F811
    assert_nothing_delivered(live(port=1), 69)
    feed = live(sftp={"transport": transport})
    dead, = [name for name in spool_names(feed) if name.endswith(".zip")]
    assert feed.run().returncode == 0
    # As if the dead run had been on its way to this server and not to one that is not there.
    with sqlite3.connect(feed.folder / "spool/test/state.db") as state:
        state.execute("UPDATE package SET target = (SELECT target FROM package WHERE name != ?1) "
                      "WHERE name = ?1", [dead])
        mark = state.execute("SELECT text FROM fact WHERE name = 'mark'").fetchone()[0].decode()
    state.close()
    part = sshd.home / f"{dead.removesuffix('.zip')}.{mark}.part"
    other = sshd.home / "not-ours.part"
    for path in (part, other):
        path.write_text("half")
    result = feed.run()
    assert (result.returncode, result.stderr) == (0, "")
    assert not part.exists() and other.exists()
    assert len(feed.packages()) == 2
    assert spool_names(feed) == SPOOL


def test_a_dead_directory_delivers_nothing(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(50))
    feed = live([server.ldaps_uri])
    server.stop()
    assert_nothing_delivered(feed, 69)


def test_killed_at_random_no_half_package_appears(live, sshd):  # noqa: F811
    feed = live()
    began = time.monotonic()
    assert feed.run().returncode == 0
    whole = time.monotonic() - began
    names = {path.name for path in feed.packages()}
    for step in range(12):
        process = subprocess.Popen([PROGRAM, "-q", "run"], cwd=feed.folder,
                                   stderr=subprocess.DEVNULL)
        time.sleep(whole * step / 10)
        process.kill()
        process.wait()
        for path in feed.packages():
            if path.name not in names:
                names.add(path.name)
                subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)
    assert feed.run().returncode == 0
    assert spool_names(feed) == SPOOL


def test_accented_and_hostile_people(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + person(1, "givenName: Zoë ]]> & <b>") + person(2, "givenName: 太郎"))
    feed = live([server.ldaps_uri])
    assert feed.run().returncode == 0
    assert [user.findtext("first_name") for user in feed.users()] == ["Zoë ]]> & <b>", "太郎"]


def test_the_program_is_silent_without_a_terminal(live):
    feed = live()
    result = feed.run()
    assert (result.stdout, result.stderr) == ("", "")
    assert pathlib.Path(feed.folder / "report.json").stat().st_mode & 0o77 == 0
