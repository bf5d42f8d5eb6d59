"""The other commands with people who are put: each sees those who are kept, as they were put."""

import json
import re
import shutil
import subprocess

import pytest
from conftest import PROGRAM, TOP
from photo_feed import BLUE, GREEN, RED, PhotoFeed, person
from push_feed import BASE, ID, PushFeed, delete, entry, modify
from test_metrics import parse
from test_monitor import check


@pytest.fixture
def feed(tmp_path):
    return PushFeed(tmp_path)


def state_of(feed):
    return json.loads(feed.run("--offline", "--format", "json", command="status").stdout)


class PushedPhotos(PhotoFeed):
    def configure(self, *arguments, **options):
        super().configure(*arguments, **options)
        settings = self.folder / "ldap2alma.yaml"
        settings.write_text(settings.read_text().replace("{ ldif: people.ldif }", "{ push: {} }"))

    def put(self, ldif):
        result = self.run(command="put", stdin=ldif.encode())
        assert result.returncode == 0, result.stderr


def test_photos_of_people_who_are_put(tmp_path):
    feed = PushedPhotos(tmp_path, "")
    feed.put(person("Ana", RED) + person("bob", GREEN) + person("carl"))
    feed.step(added=2)
    feed.step(current=2, added=0)
    before = feed.there()["bob.JPG"]
    feed.put(person("bob", BLUE) + person("carl", RED) + "dn: cn=Ana,ou=people,dc=example,dc=edu\n"
             "changetype: delete\n\n")
    feed.step(replaced=1, added=1, removed=1)
    assert feed.there().keys() == {"bob.JPG", "carl.JPG"} and feed.there()["bob.JPG"] != before


def test_a_state_that_is_lost_is_made_anew(feed):
    feed.put_well("".join(entry(f"p{number}") for number in range(5)))
    feed.deliver()
    for path in (feed.folder / "spool/test").glob("state.db*"):
        if "pushed" not in path.name:
            path.unlink()
    for path in feed.packages():
        path.unlink()  # nobody knows that its name is taken
    result = feed.run("rebuild", command="state")
    assert result.returncode == 0, result.stderr
    assert feed.deliver()["outcome"] == "nothing-to-send"
    feed.put_well(modify("p1", "replace: sn", "sn: Cole", "-"))
    feed.deliver()
    assert feed.sent() == {"p1"}


def test_people_with_new_ids_are_linked_anew(feed):
    feed.put_well("".join(entry(f"p{number}", f"entryUUID: {ID}0{number}") for number in range(3)))
    feed.deliver()
    result = feed.put("".join(entry(f"p{number}", f"entryUUID: {ID}1{number}")
                              for number in range(3)))
    assert result.returncode == 2 and "3 taken (3 held)" in result.stderr
    result = feed.run()
    assert result.returncode == 2 and "seems to have been rebuilt" in result.stderr
    result = feed.run("relink", command="identity")
    assert result.returncode == 0
    assert result.stderr.startswith("3 people are linked to the new ids")
    assert feed.deliver()["outcome"] == "nothing-to-send"
    feed.put_well(entry("p1", f"entryUUID: {ID}11", sn="Cole"))
    feed.deliver()
    assert feed.sent() == {"p1"}


def test_sheet_and_preview_show_who_is_kept(feed):
    feed.put_well(entry("aruiz", "mail: a@example.edu") + entry("bcole"))
    feed.deliver()
    result = feed.run(command="sheet")
    assert result.returncode == 0 and "hand-over sheet of the feed 'test'" in result.stdout
    result = feed.run(f"uid=BCOLE, {BASE}", command="preview")
    assert result.returncode == 0 and "would be sent as bcole" in result.stdout
    feed.put_well(delete("bcole"))
    assert feed.run("bcole", command="preview").returncode == 65


def test_check_looks_at_people_too(feed):
    feed.put_well(entry("aruiz"))
    result = feed.run(command="check")
    assert result.returncode == 0, result.stdout
    assert "is sound and keeps 1 people" in result.stdout


def test_many_at_once(feed):
    """What SQLite puts aside when it keeps so many has its place though the run is confined."""
    many = "".join(entry(f"p{number}") for number in range(100_000))
    assert feed.put(many).stderr == "100000 taken, 0 refused, 0 as they were\n"
    assert feed.deliver()["counts"]["new"] == 100_000


def test_eight_first_ones_at_once(feed):
    """Each makes the store, and one of them has made it."""
    for _ in range(10):
        shutil.rmtree(feed.folder / "spool", ignore_errors=True)
        puts = [subprocess.Popen([PROGRAM, "-q", "put"], cwd=feed.folder, stdin=subprocess.PIPE)
                for _ in range(8)]
        for number, put in enumerate(puts):
            put.stdin.write(entry(f"p{number}").encode())
            put.stdin.close()
        assert [put.wait(timeout=60) for put in puts] == [0] * 8
        assert len(feed.kept()) == 8


def test_worklist_has_who_is_held(feed):
    feed.put_well(entry("aruiz") + entry("bcole"))
    feed.deliver()
    assert feed.put(modify("aruiz", "add: uid", "uid: anew", "-")).returncode == 2
    feed.deliver()
    assert "aruiz" in feed.run(command="worklist").stdout


# ---- who pushes may not look at exit statuses ----

def test_refusals_are_told_until_the_next_delivery(feed):
    feed.put_well(entry("aruiz"))
    told = check(feed)
    assert (told.value("kept"), told.value("pending"), told.value("refused")) == (1, 1, 0)
    assert "refused_age" not in told.data
    feed.deliver()
    assert feed.put("dn: uid=x\nuid: x\n\n" * 2).returncode == 65
    assert feed.put("nonsense\n\n" + entry("bcole")).returncode == 65
    told = check(feed)
    assert (told.state, told.value("refused"), told.value("pending")) == ("WARNING", 3, 1)
    assert "refused 3" in told.text and 0 <= told.value("refused_age") < 3600
    assert "3  changes refused since the last delivery" in feed.run(
        "--offline", command="status").stdout
    people = state_of(feed)["people"]
    assert (people["kept"], people["waiting"], people["refused"]) == (2, 1, 3)
    assert re.fullmatch(r"\d{4}-.*Z", people["last_refused"])
    feed.deliver()
    told = check(feed)
    assert (told.state, told.value("refused"), told.value("pending")) == ("OK", 0, 0)
    assert told.value("refused_age") >= 0


def test_refused_alone(feed):
    """The store is made though nobody is in it, so that it is told."""
    assert feed.put("dn: uid=x\nuid: x\n\n").returncode == 65
    assert check(feed).value("refused") == 1


def test_metrics_of_people_who_are_put(feed):
    """The manual names them all, in their order."""
    feed.put_well(entry("aruiz"))
    assert feed.put("dn: uid=x\nuid: x\n\n").returncode == 65
    feed.run("--metrics", "ldap2alma.prom")
    text = (feed.folder / "ldap2alma.prom").read_text()
    told = parse(text)
    assert (told["kept_people",], told["pending_people",], told["refused_changes",]) == (1, 0, 1)
    assert told["last_refused_timestamp_seconds",] <= told["last_run_timestamp_seconds",]
    page = (TOP / "docs/ldap2alma.1").read_text()
    items = re.search(r'begin metrics\n(.*?)\.\\" end metrics', page, flags=re.S).group(1)
    assert re.findall(r"(?m)^\.It Cm (\S+)", items) == list(dict.fromkeys(key[0] for key in told))
