"""Programs that are told of a run."""

import json
import os
import re
import time

import pytest

import photo_feed
from memory import CHANGED, Memory, person
from photo_feed import PhotoFeed

TELL = """#!/bin/sh
cat > "$1.json"
env | LC_ALL=C sort > "$1.env"
shift
printf '%s\\n' "$@" > arguments
"""


def script(feed, name, text):
    path = feed.folder / name
    path.write_text(text)
    path.chmod(0o700)
    return path


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED)
    script(feed, "tell", TELL)
    feed.settings(CHANGED + "notify: {" + ", ".join(
        f"{event}: [./tell, {event}, 'a  b', '$HOME;*', --x]" for event in ("success", "findings", "failure")) + "}\n")
    return feed


def told(feed):
    return {path.stem for path in feed.folder.glob("*.json")} - {"report"}


def environment(feed, event):
    return dict(line.split("=", 1) for line in (feed.folder / f"{event}.env").read_text().splitlines())


def test_success(feed):
    feed.send()
    assert told(feed) == {"success"}
    assert json.loads((feed.folder / "success.json").read_text()) == feed.report
    assert (feed.folder / "arguments").read_text() == "a  b\n$HOME;*\n--x\n"
    assert feed.last.stderr == ""


def test_findings(feed):
    feed.give(person(1), person(2).replace("sn: Ruiz\n", ""))
    feed.send()
    assert told(feed) == {"success", "findings"}
    assert json.loads((feed.folder / "findings.json").read_text())["findings"][0]["code"] == "required"


def test_failure(feed):
    (feed.folder / "people.ldif").unlink()
    feed.send(status=78)
    assert told(feed) == {"failure"}
    report = json.loads((feed.folder / "failure.json").read_text())
    assert report == feed.report and report["outcome"] == "failed"
    there = environment(feed, "failure")
    assert {name: there[name] for name in there if name.startswith("LDAP2ALMA_")} == {
        "LDAP2ALMA_EVENT": "failure", "LDAP2ALMA_FEED": "test", "LDAP2ALMA_OUTCOME": "failed",
        "LDAP2ALMA_EXIT": "78"}


def test_a_guard_stopped_the_run(feed):
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", text.replace("missing: off", "missing: 0"))
    feed.send()
    feed.give(person(1))
    feed.send(status=2)
    assert told(feed) == {"success", "failure"}
    assert environment(feed, "failure")["LDAP2ALMA_OUTCOME"] == "stopped"


def test_rehearsals_and_other_commands_tell_nobody(feed):
    assert feed.run("--dry-run").returncode == 0
    assert feed.run("rebuild", command="state").returncode == 0
    assert feed.run(command="status").returncode == 0
    assert told(feed) == set()


def test_no_secret_is_handed_on(feed, monkeypatch):
    monkeypatch.setenv("BIND_PASSWORD", "hunter2")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    monkeypatch.setenv("TZ", "Europe/Madrid")
    feed.send()
    there = environment(feed, "success")
    assert there["TZ"] == "Europe/Madrid" and there["PATH"].startswith("/usr/local/sbin:")
    assert set(there) <= {"HOME", "LANG", "LOGNAME", "TMPDIR", "TZ", "USER", "PATH", "PWD", "SHLVL", "_",
                          "OLDPWD", *(name for name in there if name.startswith("LDAP2ALMA_"))}


def test_streams_and_process(feed):
    script(feed, "tell", """#!/bin/sh
ps -o pid=,pgid=,sid= $$ > process
ls /proc/self/fd > files
cp /proc/self/status status
""")
    result = feed.run(wrapper=["sh", "-c", 'exec 7< people.ldif; exec "$@"', "sh"])  # which it inherits
    assert (result.returncode, result.stderr) == (0, "")
    assert len(set((feed.folder / "process").read_text().split())) == 1
    assert (feed.folder / "files").read_text().split() == ["0", "1", "2", "3"]  # 3: that folder
    signals = dict(re.findall(r"(?m)^Sig(...):\s(\S+)$", (feed.folder / "status").read_text()))
    assert int(signals["Blk"], 16) == 0
    assert int(signals["Ign"], 16) & 0x7FFFFFFF == 0  # beyond: glibc's own


def test_what_it_says(feed):
    script(feed, "tell", "#!/bin/sh\necho one\necho 'two\033[1m' >&2\nprintf three\n")
    result = feed.run(shared=["-v"])
    assert [line for line in result.stderr.splitlines() if line.startswith("notify.")] == [
        "notify.success: one", "notify.success: two?[1m", "notify.success: three"]
    feed.send()
    assert feed.last.stderr == ""


@pytest.mark.parametrize("text, complaint", [
    ("#!/bin/sh\necho oh\nexit 3\n", "ended with the exit status 3"),
    ("#!/bin/sh\nkill -9 $$\n", "was ended by the signal 9"),
    ("#!/nowhere/sh\n", "cannot be started: No such file or directory"),
    ("not a script", "cannot be started: Exec format error"),
])
def test_it_fails(feed, text, complaint):
    script(feed, "tell", text)
    feed.send()
    *said, last = feed.last.stderr.splitlines()
    assert last == f"warning: nobody is told of the run: './tell' (notify.success) {complaint}"
    assert said == (["warning: notify.success: oh"] if "oh" in text else [])


def test_it_may_not_be_run(feed):
    (feed.folder / "tell").chmod(0o600)
    feed.send()
    assert "cannot be started: Permission denied" in feed.last.stderr


def test_the_check_tells_what_is_missing(feed):
    def notices():
        result = feed.run(command="check")
        assert result.returncode == 0, result.stderr
        return re.findall(r"(?m)^(\S+: .*) \(notify\.programs\)$", result.stdout)

    assert notices() == ["ok: 3 programs can be told of runs"]
    (feed.folder / "tell").unlink()
    assert notices() == ["warning: nobody could be told by './tell': No such file or directory"] * 3
    (feed.folder / "tell").mkdir()
    assert notices() == ["warning: nobody could be told by './tell': Is a directory"] * 3
    feed.settings(CHANGED)
    assert notices() == []


def test_it_takes_too_long(feed):
    """It goes with all that it has started, also what hears no polite word."""
    script(feed, "tell", "#!/bin/sh\ntrap '' TERM\n(trap '' TERM; sleep 600; echo x > survived) &\necho $! > child\n"
                         "echo waiting\nsleep 600\nsleep 600\n")
    feed.settings(CHANGED + "notify: { success: ./tell, timeout: 1s }\n")
    feed.send()
    assert feed.last.stderr.splitlines() == [
        "warning: notify.success: waiting",
        "warning: nobody is told of the run: './tell' (notify.success) took longer than 1 s, and was ended"]
    child = int((feed.folder / "child").read_text())
    for _ in range(200):
        if not os.path.exists(f"/proc/{child}") or "(zombie)" in open(f"/proc/{child}/status", encoding="ascii").read():
            break
        time.sleep(0.01)
    else:
        pytest.fail("a child has survived")


def test_it_reads_nothing_and_says_much(feed):
    script(feed, "tell", "#!/bin/sh\nexec 0<&-\nyes | head -c 3000000\nexec 1>&- 2>&-\nsleep 0.1\n")
    feed.send()
    assert feed.last.stderr == ""


def test_it_says_without_end(feed):
    """It says more than anybody reads, and its daemon goes on with it."""
    script(feed, "tell", "#!/bin/sh\nprintf 'a\\000b\\n'\ncat /dev/zero & echo $! > child\nyes | head -n 10000\n"
                         "cat /dev/zero & echo $! >> child\nexit 1\n")
    try:
        feed.send()
    finally:
        for child in (feed.folder / "child").read_text().split():
            os.kill(int(child), 9)
    assert len(feed.last.stderr.splitlines()) <= 102


def test_what_it_says_is_said_up_to_an_end(feed):
    script(feed, "tell", "#!/bin/sh\nprintf 'a\\000b\\n'\nyes | head -n 10000\nexit 1\n")
    feed.send()
    said = feed.last.stderr.splitlines()
    assert said[0] == "warning: notify.success: a?b" and len(said) == 102
    assert said[100] == "warning: notify.success: and so on"


def test_photos(tmp_path):
    feed = PhotoFeed(tmp_path, photo_feed.person("a", photo_feed.RED), more="notify: { success: ./tell, findings: "
                     "./tell, failure: ./tell }\n")
    script(feed, "tell", '#!/bin/sh\ncat > $LDAP2ALMA_EVENT.json\n')
    feed.run_photos("--dry-run")
    assert told(feed) == set()
    feed.run_photos()
    assert json.loads((feed.folder / "success.json").read_text()) == feed.report and feed.report["mode"] == "photos"
    feed.write("people.ldif", photo_feed.person("a", b"no picture"))
    feed.run_photos()
    assert told(feed) == {"success", "findings"}
    (feed.folder / "people.ldif").unlink()
    assert feed.run_photos().returncode == 78
    assert told(feed) == {"success", "findings", "failure"}


def test_what_it_leaves_behind_is_not_waited_for(feed):
    script(feed, "tell", "#!/bin/sh\nsleep 3000 & echo $! > child\n")
    feed.send()
    assert feed.last.stderr == ""
    os.kill(int((feed.folder / "child").read_text()), 9)
