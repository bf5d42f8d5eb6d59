"""`status` asks the SFTP server what became of the packages."""

import json

import pytest

from feed import Feed
from sshd import keys, make_sshd  # noqa: F401

SETTINGS = """\
name: test
directory: {{ ldif: people.ldif }}
mapping: mapping.yaml
delivery:
  sftp:
    host: 127.0.0.1
    port: {port}
    user: {user}
    key: {{ file: {key} }}
    known_hosts: {known_hosts}
    directory: {directory}
    transport: {transport}
    timeout: 20s
  retry: {{ attempts: 1 }}
spool: spool
"""


@pytest.fixture(name="server")
def make_server(make_sshd):  # noqa: F811
    return make_sshd()


def settings(feed, server, directory=None, transport="libssh2", **changes):
    facts = {"port": server.port, "user": server.user, "known_hosts": server.known_hosts,
             "directory": directory or server.home, "transport": transport, **changes}
    feed.write("ldap2alma.yaml", SETTINGS.format(**facts))


def status(feed, *options, exit_status=0):
    result = feed.run("--format", "json", *options, command="status")
    assert result.returncode == exit_status, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("transport", ["libssh2", "openssh"])
def test_what_became_of_a_package(tmp_path, server, keys, transport):  # noqa: F811
    feed = Feed(tmp_path)
    settings(feed, server, key=keys.path("ed25519"), transport=transport)
    assert feed.run().returncode == 0
    package = server.home / feed.report["packages"][0]["name"]
    assert [one["place"] for one in status(feed)["packages"]] == ["waiting"]
    taken = package.rename(package.with_name(package.name + ".handled"))
    told, = status(feed)["packages"]
    assert (told["place"], told["taken_as"]) == ("taken", taken.name)
    taken.unlink()
    assert [one["place"] for one in status(feed)["packages"]] == ["gone"]


def test_each_load_has_its_directory(tmp_path, server, keys):  # noqa: F811
    feed = Feed(tmp_path)
    (server.home / "import").mkdir()
    (server.home / "synchronize").mkdir()
    settings(feed, server, key=keys.path("ed25519"),
             directory=f"{{ import: {server.home}/import, synchronize: {server.home}/synchronize }}")
    assert feed.run("--mode", "import").returncode == 0
    assert feed.run().returncode == 0
    path, = (server.home / "import").iterdir()
    path.unlink()
    assert [(one["target"].split("/")[-1], one["place"]) for one in status(feed)["packages"]] == [
        ("synchronize", "waiting"), ("import", "gone")]


def test_a_server_that_cannot_be_asked(tmp_path, server, keys):  # noqa: F811
    feed = Feed(tmp_path)
    settings(feed, server, key=keys.path("ed25519"))
    assert feed.run().returncode == 0
    feed.write("nobody", "")
    settings(feed, server, key=keys.path("ed25519"), known_hosts="nobody")
    assert [one["place"] for one in status(feed, exit_status=77)["packages"]] == ["unknown"]
    settings(feed, server, key=keys.path("ed25519"))
    server.stop()
    told = status(feed, exit_status=69)
    assert "no connection to port" in told["unreachable"]
    assert [one["place"] for one in told["packages"]] == ["unknown"]
    assert len(told["runs"]) == 1
    assert status(feed, "--offline")["unreachable"] is None
