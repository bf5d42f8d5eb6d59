"""Pictures from a real web server (nginx), and what is said of one that shows the photos: each by
tests/support/web_tool, which has nothing of the program but this stage."""

import collections
import gzip
import hashlib
import os
import subprocess

import pytest

from conftest import BUILD
from nginx import Nginx
from scripted_web import ScriptedWeb
from server import stopped_at_the_end
from slapd import certificates  # noqa: F401

PHOTO = bytes(range(256)) * 80
OTHER = b"another picture" * 99
LOCATIONS = """
    location /listed/ { autoindex on; }
    location /listed-json/ { autoindex on; autoindex_format json; }
    location /untyped/ { types {} default_type text/plain; }
    location /typed/ { types {} default_type "image/jpeg; charset=binary"; }
    location /moved/ { return 301 /photos/; }
    location /elsewhere/ { return 302 https://other.example.edu/login; }
    location /denied/ { return 403; }
    location /broken/ { return 500; }
    location /gone/ { return 410; }
    location /everything/ { try_files $uri /photos/D1.JPG; }
    location ~* ^/anycase/([^/]+)\\.jpg$ { alias ROOT/photos/$1.JPG; }
"""
Answer = collections.namedtuple("Answer", "outcome bytes digest version trouble")
Probe = collections.namedtuple("Probe", "verdict name text hint")


class Told:
    """What the tool printed and how it ended."""

    def __init__(self, done):
        lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
        self.status = done.returncode
        self.error = next((line[0][7:] for line in lines if line[0].startswith("error: ")), None)
        self.hint = next((line[0][6:] for line in lines if line[0].startswith("hint: ")), None)
        self.answers = {int(line[0]): Answer(*line[1:]) for line in lines if len(line) == 6}
        self.probes = [Probe(*line) for line in lines if len(line) == 4]

    def verdicts(self):
        return {probe.name: probe.verdict for probe in self.probes}

    def probe(self, name):
        return next(probe for probe in self.probes if probe.name == name)


def tool(*arguments, lines=(), environment=None, wrapper=()):
    return Told(subprocess.run([*wrapper, BUILD / "tests/support/web_tool", *map(str, arguments)],
                               input="".join(f"{line}\n" for line in lines).encode(), check=False,
                               stdout=subprocess.PIPE, timeout=60,
                               env={**os.environ, **(environment or {})}))


def digest(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def ca(certificates):  # noqa: F811
    """The authority's file; the certificates of these tests are made with it."""
    for name, names, begins, ends in (("photos", "DNS:localhost,IP:127.0.0.1", 0, 365),
                                      ("soon", "DNS:localhost", 0, 20),
                                      ("past", "DNS:localhost", -60, -30),
                                      ("future", "DNS:localhost", 30, 60)):
        certificates.issue(name, "/CN=photos", names, begins, ends)
    return certificates.path("ca.pem")


@pytest.fixture(scope="module")
def web(tmp_path_factory, certificates, ca):  # noqa: F811
    folder = tmp_path_factory.mktemp("nginx")
    names = ["photos", "soon", "past", "future", "wronghost", "selfsigned"]
    server = Nginx(folder, certificates, names, LOCATIONS.replace("ROOT", f"{folder}/root"))
    for where in ("photos", "listed", "listed-json", "untyped", "typed", "everything"):
        server.put(f"{where}/D1.JPG", PHOTO)
        server.put(f"{where}/Müller +1.JPG", OTHER)
    server.put("lower/D1.jpg", PHOTO)
    with stopped_at_the_end() as servers:
        servers.append(server)
        yield server.start()


@pytest.fixture
def scripted(certificates, ca):  # noqa: F811
    servers = []

    def make(answers):
        servers.append(ScriptedWeb(certificates, "photos", answers))
        return servers[-1]
    yield make
    for server in servers:
        server.close()


@pytest.fixture
def sample(tmp_path):
    """FILE=NAME of what was delivered."""
    (tmp_path / "photo").write_bytes(PHOTO)
    (tmp_path / "other").write_bytes(OTHER)
    return [f"{tmp_path}/photo=D1.JPG", f"{tmp_path}/other=Müller +1.JPG"]


class TestFetch:
    @pytest.fixture
    def fetch(self, ca, web):
        def run(*lines, folder="photos", options=(), **named):
            return tool("fetch", "--url", web.url(folder), "--ca", ca, *options, lines=lines,
                        **named)
        return run

    def test_whole_urls_paths_and_what_is_relative_mean_the_same(self, fetch, web):
        told = fetch("D1.JPG", "/photos/D1.JPG", web.url("photos") + "D1.JPG",
                     web.url("photos", host="LocalHost") + "D1.JPG#face", " D1.JPG ")
        assert told.status == 0
        assert {answer[:3] for answer in told.answers.values()} == {
            ("done", str(len(PHOTO)), digest(PHOTO))}
        assert len(told.answers) == 5

    def test_what_a_url_cannot_hold_is_escaped(self, fetch):
        told = fetch("Müller +1.JPG", "M%C3%BCller%20+1.JPG")
        assert [told.answers[i].digest for i in (0, 1)] == [digest(OTHER)] * 2

    def test_nothing_leads_above_the_base(self, fetch, web):
        before = len(web.requests())
        told = fetch("../root.JPG", "a/../../b.JPG", "%2e%2e/b.JPG", "a%2F..%2Fb.JPG", "a\\b.JPG",
                     "https://localhost/photos/D1.JPG", "http://localhost/D1.JPG",
                     "file:///etc/passwd", "/other/D1.JPG", "//127.0.0.1/D1.JPG",
                     "https://localhost@127.0.0.1/photos/", "D1%zz.JPG", "D1%0a.JPG", web.url("photos"),
                     "x" * 2001, "#")
        assert {answer.outcome for answer in told.answers.values()} == {"refused"}
        assert len(told.answers) == 16
        assert told.answers[0].trouble == "has '.' or '..' as a part, which leads elsewhere"
        assert told.answers[5].trouble == "does not begin with 'photos.base_url'"
        assert len(web.requests()) == before

    @pytest.mark.parametrize("folder, outcome, trouble", [
        ("photos", "nothing", "-"), ("gone", "nothing", "-"),
        ("denied", "failed", "cannot be fetched: the server answers with 403"),
        ("broken", "failed", "cannot be fetched: the server answers with 500"),
        ("elsewhere", "failed", "is redirected to 'https://other.example.edu/login' (302), which is "
                                "not followed")])
    def test_no_picture(self, fetch, folder, outcome, trouble):
        told = fetch("none.JPG", folder=folder)
        assert told.answers[0] == Answer(outcome, "-", "-", "-", trouble)
        assert told.status == 0

    def test_no_answer_is_larger_than_allowed(self, fetch):
        told = fetch("D1.JPG", "Müller +1.JPG", options=["--most", len(OTHER)])
        assert told.answers[0].outcome == "refused"
        assert told.answers[0].trouble == f"is larger than {len(OTHER)} bytes"
        assert told.answers[1].outcome == "done"

    def test_what_has_not_changed_is_not_sent_again(self, fetch, web):
        old = web.put("photos/old.JPG", PHOTO)
        os.utime(old, (1700000000, 1700000000))
        version = fetch("old.JPG").answers[0].version
        assert fetch(f"old.JPG\t{version}").answers[0] == Answer("same", "-", "-", "-", "-")
        web.put("photos/old.JPG", OTHER)
        os.utime(old, (1700000001, 1700000001))
        assert fetch(f"old.JPG\t{version}").answers[0].digest == digest(OTHER)

    def test_a_version_is_its_own_urls_alone(self, fetch, web):
        for name, content in (("mine", PHOTO), ("yours", PHOTO[::-1])):
            os.utime(web.put(f"photos/{name}.JPG", content), (1700000000, 1700000000))
        version = fetch("mine.JPG").answers[0].version
        assert fetch(f"yours.JPG\t{version}").answers[0].digest == digest(PHOTO[::-1])

    def test_what_was_written_just_now_has_no_version(self, fetch, web):
        web.put("photos/new.JPG", PHOTO)
        assert fetch("new.JPG").answers[0].version == "-"

    def test_many_at_a_time_are_all_answered(self, fetch, web):
        for number in range(200):
            web.put(f"many/{number}.JPG", b"%d" % number)
        told = fetch(*[f"{number}.JPG" for number in range(220)], folder="many")
        assert told.status == 0
        assert [told.answers[i].digest for i in range(200)] == [digest(b"%d" % i)
                                                               for i in range(200)]
        assert {told.answers[i].outcome for i in range(200, 220)} == {"nothing"}

    def test_dates_serve_where_there_is_no_tag(self, ca, scripted):
        head = "HTTP/1.1 200 OK\r\nDate: Sun, 01 Nov 2026 12:00:00 GMT\r\n"
        web = scripted({
            "/old": f"{head}Last-Modified: Sun, 01 Nov 2026 11:59:00 GMT\r\n"
                    "Content-Length: 1\r\n\r\na".encode(),
            "/new": f"{head}Last-Modified: Sun, 01 Nov 2026 11:59:30 GMT\r\n"
                    "Content-Length: 1\r\n\r\na".encode(),
            "/long": f"{head}ETag: \"{'x' * 501}\"\r\nContent-Length: 1\r\n\r\na".encode()})
        told = tool("fetch", "--url", web.url(), "--ca", ca, lines=["old", "new", "long"])
        assert told.answers[0].version.endswith(" MSun, 01 Nov 2026 11:59:00 GMT")
        assert [told.answers[i].version for i in (1, 2)] == ["-", "-"]
        tool("fetch", "--url", web.url(), "--ca", ca, lines=[f"old\t{told.answers[0].version}"])
        assert "If-Modified-Since: Sun, 01 Nov 2026 11:59:00 GMT\r\n" in web.asked[-1]

    def test_answers_that_are_not_whole_are_none(self, ca, scripted):
        web = scripted({"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
                        "/silent-end": b"", "/odd": b"SSH-2.0-OpenSSH_9.2\r\n",
                        "/unasked": b"HTTP/1.1 304 Not Modified\r\n\r\n",
                        "/empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"})
        told = tool("fetch", "--url", web.url(), "--ca", ca,
                    lines=["cut", "silent-end", "odd", "unasked", "empty"])
        assert [told.answers[i].outcome for i in range(5)] == ["failed"] * 4 + ["done"]
        assert "broke off its answer" in told.answers[0].trouble
        assert told.answers[4].bytes == "0"
        assert told.status == 0

    def test_headers_come_to_an_end(self, ca, scripted):
        """Those behind the body, too, of which libcurl takes any number."""
        head, chunks = b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
        web = scripted({"/before": head + b"A: b\r\n" * 100_000 + chunks,
                        "/behind": head + chunks + b"A: b\r\n" * 100_000 + b"\r\n",
                        "/some": head + chunks + b"A: b\r\n" * 1000 + b"\r\n"})
        told = tool("fetch", "--url", web.url(), "--ca", ca, lines=["before", "behind", "some"])
        assert [told.answers[i].outcome for i in range(3)] == ["failed", "failed", "done"]
        assert "sends more headers than any answer has" in told.answers[1].trouble

    def test_a_bomb_stays_packed(self, ca, scripted):
        packed = gzip.compress(bytes(10_000_000))
        web = scripted({"/bomb": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                 b"Content-Length: %d\r\n\r\n" % len(packed) + packed})
        told = tool("fetch", "--url", web.url(), "--ca", ca, lines=["bomb"])
        assert told.answers[0].digest == digest(packed)
        assert "Accept-Encoding" not in web.asked[0]

    def test_a_silent_server_ends_it(self, ca, scripted):
        web = scripted({})
        told = tool("fetch", "--url", web.url(), "--ca", ca, "--timeout", 1,
                    lines=[f"{number}.JPG" for number in range(40)])
        assert told.status == 69
        assert told.error.startswith("the pictures cannot be fetched: the web server 'localhost:"
                                     f"{web.port}' did not answer in time")
        assert {answer.outcome for answer in told.answers.values()} == {"failed"}
        assert len(told.answers) == 9

    def test_a_bad_certificate_ends_it_at_once(self, web, ca):
        told = tool("fetch", "--url", web.url("photos", "past"), "--ca", ca, lines=["a", "b"])
        assert told.status == 77
        assert not told.answers
        assert "is not accepted: it expired on" in told.error

    def test_a_server_that_is_not_there(self, ca):
        told = tool("fetch", "--url", "https://localhost:1/", "--ca", ca,
                    lines=[str(number) for number in range(20)])
        assert told.status == 69
        assert "cannot be reached" in told.error

    def test_proxies_of_the_environment_are_used(self, fetch, web):
        told = fetch("D1.JPG", environment={"https_proxy": "http://127.0.0.1:1"})
        assert told.answers[0].outcome == "failed"
        told = fetch("D1.JPG", environment={"https_proxy": "http://127.0.0.1:1",
                                            "no_proxy": "localhost"})
        assert told.answers[0].outcome == "done"


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "pictures"
        (folder / "below").mkdir(parents=True)
        (folder / "D1.jpg").write_bytes(PHOTO)
        (folder / "below" / "D 2.jpg").write_bytes(OTHER)
        (tmp_path / "secret").write_text("secret")
        return folder

    @staticmethod
    def fetch(folder, *lines, options=()):
        return tool("fetch", "--folder", folder, *options, lines=lines)

    def test_paths_in_the_folder_are_read(self, folder):
        told = self.fetch(folder, "D1.jpg", "below/D 2.jpg", f"{folder}/D1.jpg", "below//D 2.jpg",
                          "none.jpg", "below/none/none.jpg")
        assert [told.answers[i].digest for i in range(4)] == [
            digest(PHOTO), digest(OTHER), digest(PHOTO), digest(OTHER)]
        assert [told.answers[i].outcome for i in (4, 5)] == ["nothing"] * 2
        assert told.status == 0

    def test_the_folder_may_be_named_by_a_link(self, folder):
        (folder.parent / "share").symlink_to(folder)
        told = self.fetch(folder.parent / "share", f"{folder}/D1.jpg", f"{folder.parent}/share/D1.jpg")
        assert [told.answers[i].digest for i in (0, 1)] == [digest(PHOTO)] * 2

    def test_nothing_leads_out_of_the_folder(self, folder):
        (folder / "link.jpg").symlink_to(folder.parent / "secret")
        (folder / "away").symlink_to(folder.parent)
        (folder / "same").symlink_to("below")
        told = self.fetch(folder, "../secret", "below/../../secret", "link.jpg", "away/secret",
                          "same/D 2.jpg", str(folder.parent / "secret"), f"{folder}/../secret",
                          f"{folder}more/x", "a\\b", "/", "..", "below/..", f"{folder}/")
        assert {answer.outcome for answer in told.answers.values()} == {"refused"}
        assert len(told.answers) == 13
        assert told.answers[0].trouble == "has '..' in it, which leads elsewhere"
        assert told.answers[2].trouble == "is a link"
        assert told.answers[3].trouble == "leads through a link or a file"
        assert told.answers[5].trouble == "does not lie in 'photos.folder'"

    def test_only_files_are_read(self, folder):
        os.mkfifo(folder / "fifo")
        told = self.fetch(folder, "fifo", "below", "below/", ".", "x" * 300)
        assert [answer.trouble for answer in told.answers.values()] == ["is no file"] * 4 + [
            "is too long"]

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can make a device")
    def test_devices_are_not_read(self, folder):
        os.mknod(folder / "zero", 0o020666, os.makedev(1, 5))
        assert self.fetch(folder, "zero").answers[0][::4] == ("refused", "is no file")

    def test_no_file_is_larger_than_allowed(self, folder):
        told = self.fetch(folder, "D1.jpg", "below/D 2.jpg", options=["--most", len(OTHER)])
        assert told.answers[0].trouble == f"is larger than {len(OTHER)} bytes"
        assert told.answers[1].outcome == "done"

    def test_what_cannot_be_read_is_kept(self, folder):
        """Root may read everything, but not in a user namespace that does not know the owner."""
        (folder / "D1.jpg").chmod(0)
        wrapper = ["unshare", "-U"] if os.getuid() == 0 else []
        if subprocess.run([*wrapper, "true"], check=False, capture_output=True).returncode != 0:
            pytest.skip("no user namespace can be had here")
        told = tool("fetch", "--folder", folder, lines=["D1.jpg", "below/D 2.jpg"], wrapper=wrapper)
        assert told.answers[0][::4] == ("failed", "cannot be opened: Permission denied")
        assert told.answers[1].outcome == "done"

    def test_what_has_not_changed_is_not_read_again(self, folder):
        """A file that is older than this test; one that was written just now has no version."""
        path = os.path.abspath(__file__)
        old = self.fetch(os.path.dirname(path), path).answers[0]
        again = self.fetch(os.path.dirname(path), f"{path}\t{old.version}").answers[0]
        assert again == Answer("same", "-", "-", "-", "-")
        assert self.fetch(folder, "D1.jpg").answers[0].version == "-"
        assert self.fetch(folder, f"D1.jpg\t{old.version}").answers[0].outcome == "done"

    def test_a_share_that_is_not_mounted_ends_it(self, tmp_path):
        (tmp_path / "empty").mkdir()
        for name, text in (("empty", "is empty"), ("none", "No such file")):
            told = self.fetch(tmp_path / name, "D1.jpg")
            assert told.status == 69
            assert text in told.error
            assert told.hint == "Check 'photos.folder', and that the share is mounted."


class TestCheck:
    @pytest.fixture
    def check(self, ca, web, sample):
        def run(folder="photos", certificate="photos", options=(), authority=None, names=sample,
                host="localhost"):
            return tool("check", "--url", web.url(folder, certificate, host), "--ca",
                        authority or ca, *options, *names)
        return run

    def test_all_is_well(self, check):
        told = check()
        assert set(told.verdicts().values()) == {"ok"}
        assert set(told.verdicts()) == {"photos.url", "photos.connection", "photos.certificate",
                                        "photos.listing", "photos.nothing", "photos.sample"}
        assert told.status == 0
        assert told.probe("photos.sample").text == (
            "2 of 2 photos are there as they were delivered, sent as image/jpeg")

    def test_names_are_asked_for_as_browsers_ask(self, check, web):
        check()
        assert "GET /photos/M%C3%BCller%20+1.JPG HTTP/2.0" in web.requests()

    @pytest.mark.parametrize("certificate, text, hint", [
        ("past", "it expired on", "Have the certificate renewed"),
        ("future", "it is not good before", "Check the clocks"),
        ("wronghost", "it is for 'DNS:other.example.edu', and not for the host 'localhost:",
         "Use the name that the certificate is for"),
        ("selfsigned", "it is signed by itself ('CN=127.0.0.1')", "Have a certificate made")])
    def test_certificates_that_are_not_accepted(self, check, certificate, text, hint):
        told = check(certificate=certificate)
        assert told.status == 1
        assert told.verdicts() == {"photos.url": "ok", "photos.certificate": "failure"}
        assert text in told.probe("photos.certificate").text
        assert told.probe("photos.certificate").hint.startswith(hint)

    def test_an_authority_that_nobody_knows(self, check, certificates):  # noqa: F811
        probe = check(authority=certificates.path("other_ca.pem")).probe("photos.certificate")
        assert "its issuer 'CN=Test Authority,O=Example University' is not trusted" in probe.text
        assert probe.hint.startswith("Have the server send its whole chain")

    def test_an_authority_of_ones_own_is_not_the_systems(self, web, sample):
        told = tool("check", "--url", web.url("photos"), *sample)
        assert told.verdicts()["photos.certificate"] == "failure"

    def test_self_signed_and_trusted_here_is_still_not_trusted_by_alma(self, check,
                                                                       certificates):  # noqa: F811
        told = check(certificate="selfsigned", host="127.0.0.1",
                     authority=certificates.path("selfsigned.pem"))
        assert told.verdicts()["photos.certificate"] == "warning"
        assert "is signed by itself" in told.probe("photos.certificate").text
        assert told.verdicts()["photos.url"] == "warning"

    def test_a_certificate_that_ends_soon(self, check):
        told = check(certificate="soon")
        assert told.verdicts()["photos.certificate"] == "warning"
        assert told.verdicts()["photos.sample"] == "ok"
        assert told.status == 0

    @pytest.mark.parametrize("folder", ["listed", "listed-json"])
    def test_lists_are_told(self, check, folder):
        told = check(folder)
        assert told.verdicts()["photos.listing"] == "failure"
        assert told.probe("photos.listing").text.endswith(": 'D1.JPG' is named there")

    def test_a_list_without_our_photos(self, check, web):
        web.put("listed-more/x", b"x")
        told = check("listed/more", names=[])
        web.put("listed/more/x.JPG", b"x")
        assert told.verdicts()["photos.listing"] == "ok"
        assert check("listed/more", names=[]).verdicts()["photos.listing"] == "failure"

    def test_wrong_content_types(self, check):
        probe = check("untyped").probe("photos.type")
        assert probe.verdict == "failure"
        assert "(text/plain in place of image/jpeg)" in probe.text
        assert check(options=["--suffix", "png"]).verdicts()["photos.type"] == "failure"
        assert check("typed").verdicts()["photos.sample"] == "ok"

    def test_the_suffix_in_the_other_case_is_another_name(self, check, sample):
        told = check("lower", names=sample[:1])
        assert told.probe("photos.case").verdict == "failure"
        assert told.probe("photos.case").text.startswith(
            "1 of 1 photos found only with the suffix in the other case, such as 'https://localhost")
        assert told.status == 1

    def test_a_server_to_which_case_means_nothing(self, check, sample):
        assert check("anycase", names=sample[:1]).verdicts()["photos.sample"] == "ok"

    @pytest.mark.parametrize("folder, text", [
        ("moved", "2 of 2 photos redirected, such as 'https://localhost"),
        ("denied", "2 of 2 photos denied"), ("broken", "2 of 2 photos answered with an error"),
        ("gone", "2 of 2 photos not found"), ("nowhere", "2 of 2 photos not found")])
    def test_photos_that_are_not_to_be_had(self, check, folder, text):
        told = check(folder)
        assert told.probe("photos.sample").verdict == "failure"
        assert told.probe("photos.sample").text.startswith(text)

    def test_photos_that_are_others(self, check, sample):
        told = check(names=[sample[0].replace("=D1.JPG", "=Müller +1.JPG"), sample[0]])
        assert told.probe("photos.sample").text.startswith(
            "1 of 2 photos other than delivered, such as 'https://localhost")

    def test_a_picture_in_place_of_nothing(self, check):
        told = check("everything")
        assert told.probe("photos.nothing").verdict == "warning"
        assert told.probe("photos.nothing").text == (
            "a photo that is not there is answered with 200 in place of 404")

    def test_nothing_was_delivered_yet(self, check):
        assert check(names=[]).verdicts()["photos.sample"] == "warning"

    @pytest.mark.parametrize("url", ["http://localhost/photos/", "https://localhost/photos"])
    def test_urls_that_alma_does_not_take(self, url):
        told = tool("check", "--url", url)
        assert told.verdicts() == {"photos.url": "failure"}

    def test_a_server_that_is_not_there(self, ca):
        told = tool("check", "--url", "https://localhost:1/", "--ca", ca)
        assert told.verdicts() == {"photos.url": "ok", "photos.connection": "failure"}
        assert told.probe("photos.connection").hint.startswith("Check the name and port")

    def test_a_name_that_is_not_there(self, ca):
        told = tool("check", "--url", "https://photos.invalid/", "--ca", ca)
        assert "'photos.invalid' cannot be found in the DNS" in told.probe("photos.connection").text

    def test_what_does_not_speak_tls(self, ca, scripted):
        told = tool("check", "--url", f"https://localhost:{scripted({}).port}/", "--ca", ca,
                    "--timeout", 1)
        assert told.probe("photos.connection").text.endswith("seconds")

    def test_an_authorities_file_that_is_none(self, check, tmp_path):
        told = check(authority=tmp_path / "none.pem")
        assert "cannot be judged without the authorities" in told.probe("photos.connection").text

    def test_tls_before_1_2_is_not_spoken(self, tmp_path, certificates, ca):  # noqa: F811
        server = Nginx(tmp_path, certificates, ["photos"], protocols="TLSv1.1",
                       locations="ssl_ciphers ALL:@SECLEVEL=0;")
        with stopped_at_the_end() as servers:
            servers.append(server.start())
            told = tool("check", "--url", server.url("photos"), "--ca", ca)
        assert "does not come to terms on encryption" in told.probe("photos.connection").text
        assert "TLS 1.2" in told.probe("photos.connection").hint
