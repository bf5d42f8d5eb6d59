"""photo_feed: a feed of photos: people with pictures in LDIF, and the folder that they go to."""

import base64
import pathlib
import random
import struct
import zlib

from feed import Feed

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name]
user:
  primary_id: ${uid}
  last_name: ${sn}
  user_identifiers:
    - id_type: UNIV_ID
      value: ${employeeNumber}
"""


def png(rows, width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture(color, width=30, height=40):
    """A PNG of one color."""
    return png((b"\0" + bytes(color) * width) * height, width, height)


def noise(seed, width=60, height=80):
    """A PNG of some 14 KB, which nothing makes smaller."""
    draw = random.Random(seed)
    return png(b"".join(b"\0" + draw.randbytes(3 * width) for _ in range(height)), width, height)


RED, GREEN, BLUE = picture((200, 0, 0)), picture((0, 200, 0)), picture((0, 0, 200))


def person(uid, *pictures, key=None, **attributes):
    """An entry; its id stays that of `key` whatever it is called."""
    number = zlib.crc32((key or uid).lower().encode())
    lines = [f"dn: cn={key or uid},ou=people,dc=example,dc=edu", f"uid: {uid}",
             f"entryUUID: 3f2504e0-4f89-41d3-9a0c-0305{number:08x}",
             f"sn: {attributes.pop('sn', uid.title())}"]
    lines += [f"{name}: {value}" for name, value in attributes.items()]
    lines += ["jpegPhoto:: " + base64.b64encode(data).decode() for data in pictures]
    return "\n".join(lines) + "\n\n"


class PhotoFeed(Feed):
    def __init__(self, folder, people, photos="", brakes="brakes: { photos: off }\n", more=""):
        self.photos = pathlib.Path(folder) / "photos"
        self.photos.mkdir(exist_ok=True)
        super().__init__(folder, people, mapping=MAPPING, brakes="", more="")
        self.configure(photos, brakes, more)

    def configure(self, photos="", brakes="brakes: { photos: off }\n", more="", folder="photos"):
        self.write("ldap2alma.yaml", (
            "name: test\ndirectory: { ldif: people.ldif }\nmapping: mapping.yaml\n"
            f"delivery: {{ folder: out }}\nspool: spool\n{brakes}{more}"
            "photos:\n  attribute: jpegPhoto\n  url: https://photos.example.edu/user_photos/\n"
            f"  delivery: {{ folder: {folder} }}\n{photos}"))

    def run_photos(self, *options, wrapper=()):
        return self.run("--report", "report.json", *options, command="photos", wrapper=wrapper)

    def step(self, *options, status=0, **counts):
        """One run that ends so, with these counts."""
        result = self.run_photos(*options)
        assert result.returncode == status, result.stderr + result.stdout
        told = self.report["counts"]
        people = sum(count for name, count in told.items()
                     if name not in ("read", "removed", "waiting"))
        assert told["read"] == people
        assert {name: told[name] for name in counts} == counts, told
        return result

    def there(self, folder="photos"):
        """What lies in the folder, by name."""
        return {path.name: path.read_bytes() for path in (self.folder / folder).iterdir()}
