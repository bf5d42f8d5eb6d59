"""live_photos: a feed of photos from a private directory server to a private sshd."""

import base64
import json
import time

import yaml_text
from feed import Feed
from killing import Killable
from slapd import PEOPLE
from slapd import ldif as record

MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${%s}
  last_name: ${%s | default Nobody}
"""


def pictured(text, attribute, *pictures):
    lines = [f"{attribute}:: {base64.b64encode(data).decode()}" for data in pictures]
    return "\n".join([text.rstrip("\n"), *lines]) + "\n\n"


def inetorg(uid, *pictures):
    return pictured(record(f"uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", f"uid: {uid}",
                           f"cn: {uid}", f"sn: {uid}"), "jpegPhoto", *pictures)


class LivePhotos(Feed):
    """From a directory to sshd."""

    def __init__(self, folder, server, target, target_keys, attribute, searches, mapping):
        super().__init__(folder, mapping=mapping)
        self.there_folder = target.home
        self.write("secret", server.reader_password + "\n")
        (self.folder / "secret").chmod(0o600)
        self.settings = {
            "name": "test", "mapping": "mapping.yaml", "spool": "spool",
            "delivery": {"folder": "out"}, "brakes": {"photos": "off"},
            "directory": {
                "uri": [server.ldaps_uri], "tls": {"ca_file": str(server.ca)},
                "bind": {"method": "simple", "dn": server.reader,
                         "password": {"file": "secret"}},
                "searches": searches},
            "photos": {
                "attribute": attribute, "url": "https://photos.example.edu/user_photos/",
                "delivery": {"sftp": {
                    "host": "127.0.0.1", "port": target.port, "user": target.user,
                    "key": {"file": target_keys.path("ed25519")},
                    "known_hosts": str(target.known_hosts), "directory": str(target.home)}}}}
        self.configure()
        (self.folder / "beside").mkdir()
        self.program = Killable(self.folder, self.folder / "beside")

    def configure(self):
        self.write("ldap2alma.yaml", yaml_text.dump(self.settings))

    def step(self, asked, later=0, **counts):
        """One run, in which so many people are asked for their pictures."""
        result = self.program.run("photos", "--report", "report.json", verb="-v",
                                  clock=time.time() + later)
        assert result.returncode == 0, result.stderr
        self.report = json.loads((self.folder / "report.json").read_text())
        told = self.report["counts"]
        assert {name: told[name] for name in counts} == counts, told
        assert (f"the pictures of {asked} people are read" in result.stderr) == (asked > 0), \
            result.stderr
        return result

    def there(self):
        return {path.name: path.read_bytes() for path in self.there_folder.iterdir()}
