"""A photo is never that of somebody else: identifiers that move, by whatever way the run ends."""

import json
import shutil

from killing import KILLED, Killable
from photo_feed import BLUE, GREEN, RED, PhotoFeed
from photo_feed import person as entry

BY_NUMBER = "  identifier: UNIV_ID\n"


def person(key, number, *pictures, **attributes):
    return entry(key, *pictures, employeeNumber=number, **attributes)


def numbered(folder, people, photos="", **more):
    return PhotoFeed(folder, people, photos=BY_NUMBER + photos, **more)


def test_identifiers_that_were_swapped_or_handed_on(tmp_path):
    feed = numbered(tmp_path, person("ana", "1", RED) + person("bob", "2", GREEN)
                    + person("carl", "3", BLUE), brakes="brakes: { photos: 0% }\n")
    feed.step(added=3)
    red, green, blue = (feed.there()[f"{number}.JPG"] for number in (1, 2, 3))
    feed.write("people.ldif", person("ana", "2", RED) + person("bob", "1", GREEN)
               + person("carl", "3", BLUE))
    feed.step(replaced=2, current=1, removed=0)
    assert feed.there() == {"1.JPG": green, "2.JPG": red, "3.JPG": blue}
    feed.write("people.ldif", person("ana", "3", RED) + person("bob", "2", GREEN)
               + person("carl", "4", BLUE))
    feed.step(replaced=2, added=1, removed=1)
    assert feed.there() == {"2.JPG": green, "3.JPG": red, "4.JPG": blue}


def shown_at_first_rename(feed, beside, after):
    """What the web server shows when a run is killed before, or right after, its first rename."""
    morning = feed.folder.with_name("morning")
    shutil.copytree(feed.folder, morning)
    beside.mkdir()
    program = Killable(feed.folder, beside)
    assert program.run(verb="photos").returncode == 0
    first = [call for call, _ in program.calls()].index("rename") + 1
    shutil.rmtree(feed.folder)
    shutil.copytree(morning, feed.folder)
    assert program.run(verb="photos", kill_at=first, kill_after=after).returncode == KILLED
    return {name: data for name, data in feed.there().items() if not name.startswith(".")}


def test_another_persons_photo_is_replaced_before_others_are_sent(tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    feed = numbered(here, person("zoe", "9", RED))
    feed.step(added=1)
    red = feed.there()["9.JPG"]
    feed.write("people.ldif", "".join(person(f"p{number}", f"1{number:03}", BLUE)
                                      for number in range(20)) + person("heir", "9", GREEN))
    shown = shown_at_first_rename(feed, tmp_path / "beside", 1)
    assert shown.keys() == {"9.JPG"} and shown["9.JPG"] != red


def test_a_run_that_was_killed_leaves_nobody_with_anothers_face(tmp_path):
    """Whoever has the identifier now is held or rejected when the next run comes, and would keep the
    photo."""
    here, morning, beside = tmp_path / "here", tmp_path / "morning", tmp_path / "beside"
    here.mkdir()
    beside.mkdir()
    feed = numbered(here, person("ana", "1", RED) + person("bob", "2", GREEN))
    feed.step(added=2)
    red = feed.there()["1.JPG"]
    feed.write("people.ldif", person("heir", "1", BLUE) + person("bob", "2", GREEN))
    shutil.copytree(here, morning)
    program = Killable(here, beside)
    assert program.run(verb="photos").returncode == 0
    blue = feed.there()["1.JPG"]
    seen = set()
    for number in range(1, len(program.calls()) + 1):
        shutil.rmtree(here)
        shutil.copytree(morning, here)
        assert program.run(verb="photos", kill_at=number).returncode == KILLED
        feed.write("people.ldif", person("heir", "1", BLUE, sn="") + person("bob", "2", GREEN))
        feed.step(rejected=1, current=1)
        left = feed.there().get("1.JPG")
        assert left != red, number
        seen.add(left)
    assert seen == {None, blue}


def test_names_that_differ_by_case_are_one_name(tmp_path):
    """As they may be to the web server: the old face goes at once, whatever its time."""
    feed = numbered(tmp_path, person("ana", "Aa1", RED) + person("bob", "Bb2", GREEN),
                    photos="  remove_after: 30d\n")
    feed.step(added=2)
    feed.write("people.ldif", person("heir", "aA1") + person("bob", "Bb2", GREEN))
    feed.step(removed=1, without=1, waiting=0)
    assert feed.there().keys() == {"Bb2.JPG"}


def test_an_identifier_of_another_case(tmp_path):
    """Where case does not count the new file would meet the old one, or be removed with it: that one
    makes way first, and no brake bears."""
    here = tmp_path / "here"
    here.mkdir()
    feed = numbered(here, person("ana", "Aa1", RED), brakes="brakes: { photos: 0% }\n")
    feed.step(added=1)
    before = feed.there()["Aa1.JPG"]
    feed.write("people.ldif", person("ana", "aa1", RED))
    assert shown_at_first_rename(feed, tmp_path / "beside", 0) == {}
    feed.step(added=1)
    assert feed.there() == {"aa1.JPG": before}


def test_a_delivery_that_fails_tells_of_nothing_done(tmp_path):
    feed = numbered(tmp_path, person("ana", "1", RED) + person("bob", "2"))
    feed.photos.rename(tmp_path / "away")
    feed.step(status=73, added=0, unsent=1, without=1)
    status = json.loads(feed.run("--format", "json", command="status").stdout)["photos"]
    assert (status["outcome"], status["added"], status["findings"]) == ("failed", 0, 1)


def test_the_report_tells_what_is_to_be_done(tmp_path):
    feed = numbered(tmp_path, person("ana", "1", b"GIF89a") + person("bob", "2/3", GREEN))
    result = feed.run("--dry-run", command="photos")
    assert result.returncode == 0 and "sent all the same" not in result.stdout
    assert "nothing to do: 0 photos are as they should be, 2 are matters of findings" in result.stderr
    for line in ("photo_refused: no photo can be made of the picture (1, warning)",
                 "to do     Put another picture into the directory, as JPEG or PNG.",
                 "to do     Correct the identifier in the directory"):
        assert line in result.stdout, result.stdout


def test_a_photo_that_cannot_be_removed_is_said_aloud(tmp_path):
    feed = numbered(tmp_path, person("ana", "1", RED) + person("bob", "2", GREEN))
    feed.step(added=2)
    (feed.photos / "1.JPG").unlink()
    (feed.photos / "1.JPG").mkdir()
    feed.write("people.ldif", person("bob", "2", GREEN))
    result = feed.step(current=1, removed=0)
    assert result.stderr == "warning: 1 photos that are to be removed are at their server still\n"
    assert [finding["text"] for finding in feed.findings("photo_unsent")] == \
        ["'1.JPG': Is a directory"]
    (feed.photos / "1.JPG").rmdir()
    feed.step(removed=1)
