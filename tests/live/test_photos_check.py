"""`ldap2alma photos --check`: from the directory to a folder that a real web server shows, and what
is said of the whole way."""

import json

import pytest

from machine import UNSHARE, may_mount
from nginx import Nginx
from photo_feed import BLUE, GREEN, RED, PhotoFeed, person
from server import stopped_at_the_end
from slapd import certificates  # noqa: F401

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def web(tmp_path_factory, certificates):  # noqa: F811
    certificates.issue("photos", "/CN=localhost", "DNS:localhost", 0, 365)
    with stopped_at_the_end() as servers:
        servers.append(Nginx(tmp_path_factory.mktemp("nginx"), certificates, ["photos"]))
        yield servers[0].start()


@pytest.fixture
def feed(tmp_path, web):
    """Two photos are delivered to the web server's folder."""
    feed = PhotoFeed(tmp_path, person("Ana", RED) + person("bob", GREEN))
    (web.root / tmp_path.name).symlink_to(feed.photos)
    settings = (tmp_path / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace("https://photos.example.edu/user_photos/",
                                                  web.url(tmp_path.name)))
    feed.step(added=2)
    return feed


@pytest.fixture
def check(feed, certificates):  # noqa: F811
    """Runs it where everybody trusts the authority of the tests, as Alma trusts public ones."""
    if not may_mount():
        pytest.skip("only root with the right to mount can have an authority trusted")
    wrapper = [*UNSHARE, "sh", "-c", f'mount --bind {certificates.path("ca.pem")} {AUTHORITIES} && '
               'exec "$@"', "sh"]
    return lambda *options: feed.run("--check", *options, command="photos", wrapper=wrapper)


def test_all_the_way_is_well(feed, check, web):
    result = check()
    assert (result.returncode, result.stderr) == (0, "")
    url = web.url(feed.folder.name)
    assert f"""\
ok: the URL '{url}' has the form that Alma wants (photos.url)
ok: the web server 'localhost:{web.ports["photos"]}' answers (photos.connection)
""" in result.stdout
    assert result.stdout.endswith(f"""\
ok: 2 of 2 photos are there as they were delivered, sent as image/jpeg (photos.sample)
0 warnings
Alma, Configuration > General > Other Settings:
    photo_identifier_type  USERNAME
    photo_server_url       {url}
    photo_suffix           JPG
""")
    assert feed.there().keys() == {"Ana.JPG", "bob.JPG"}


def test_what_is_not_as_delivered_is_told(feed, check):
    (feed.photos / "Ana.JPG").write_bytes(b"another")
    result = check()
    assert result.returncode == 65
    assert "failure: 1 of 2 photos other than delivered, such as 'https://localhost" in result.stdout
    assert result.stderr.startswith("ldap2alma: 1 of 2 photos other than delivered")


def test_before_the_first_delivery(tmp_path, check, feed):
    (tmp_path / "spool/test/state.db").unlink()
    result = check()
    assert result.returncode == 0
    assert "warning: no photo has been delivered yet" in result.stdout
    strict = check("--strict", "--format", "json")
    assert strict.returncode == 65
    assert [probe["name"] for probe in json.loads(strict.stdout)["probes"]
            if probe["verdict"] == "warning"] == ["photos.sample"]


def test_an_authority_that_only_this_machine_knows_is_not_enough(feed):
    result = feed.run("--check", command="photos")
    assert result.returncode == 77
    assert "its issuer 'CN=Test Authority,O=Example University' is not trusted" in result.stderr


def test_a_folder_that_cannot_be_written(feed):
    feed.photos.rename(feed.folder / "away")
    result = feed.run("--check", command="photos")
    assert "(delivery.directory)" in result.stdout
    assert result.returncode != 0


def test_without_photos_there_is_nothing_to_check(tmp_path):
    feed = PhotoFeed(tmp_path, person("Ana", BLUE))
    settings = (tmp_path / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings[:settings.index("photos:\n")])
    result = feed.run("--check", command="photos")
    assert result.returncode == 78
    assert result.stderr == ("ldap2alma: the settings 'ldap2alma.yaml' have no 'photos'\n"
                             "Add them: see ldap2alma.yaml(5).\n")


@pytest.mark.parametrize("option", ["--dry-run", "--full", "--adopt", "--report=x",
                                    "--metrics=x"])
def test_a_check_goes_with_no_other_option(tmp_path, option):
    result = PhotoFeed(tmp_path, "").run("--check", option, command="photos")
    assert result.returncode == 64
    assert "--check delivers nothing, and goes with --format and --strict alone" in result.stderr


@pytest.mark.parametrize("option", ["--strict", "--format=json"])
def test_options_of_a_check_alone(tmp_path, option):
    result = PhotoFeed(tmp_path, "").run(option, command="photos")
    assert result.returncode == 64
    assert "--format and --strict are for --check" in result.stderr
