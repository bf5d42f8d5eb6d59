"""The README's example: its mapping makes of its entry just the record that it shows."""

import re
import zipfile

from conftest import TOP
from feed import Feed


def test_the_example_is_true(tmp_path):
    example = (TOP / "README.md").read_text().split("## From entry to record")[1].split("\n## ")[0]
    mapping, entry, record = re.findall(r"^```\w*\n(.*?)^```$", example, flags=re.M | re.S)
    feed = Feed(tmp_path, people=entry, mapping=mapping)
    result = feed.run()
    assert (result.returncode, result.stderr) == (0, "")
    package, = feed.packages()
    with zipfile.ZipFile(package) as archive:
        document = archive.read("users-0001.xml").decode()
    assert document == f'<?xml version="1.0" encoding="UTF-8"?>\n<users>\n{record}</users>\n'
