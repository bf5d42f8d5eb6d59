"""Whatever a directory holds, each record that is delivered has the match identifier, and no
identifier is there twice: a feed of generated entries with every kind of defect, beside what another
program makes of them. $PEOPLE says how many; `tests/run` takes a million."""

import base64
import os
import random
import re
import unicodedata
import zipfile

from feed import Feed

PEOPLE = int(os.environ.get("PEOPLE") or 20_000)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))

MAPPING = """\
mapping: 1
match_id: UNIV_ID
user:
  primary_id: ${uid}
  last_name: ${sn}
  user_identifiers:
    - id_type: UNIV_ID
      value: ${employeeNumber}
    - id_type: BARCODE
      value: ${carLicense}
    - each: ${description}
      id_type: OTHER
      value: ${each}
"""
SETTINGS = """\
package: { records_per_file: 5000, files_per_package: 10 }
"""
IDENTIFIERS = ("uid", "employeeNumber", "carLicense", "description")

# What looks like `value`, however it is written.
ALIKE = (str.upper, str.title, lambda value: f"  {value}\t", lambda value: f"\u200b{value}",
         lambda value: value[:1] + "\u00ad" + value[1:],
         lambda value: "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c for c in value),
         lambda value: unicodedata.normalize("NFD", value))


def other_value(chance, number):
    """A value of somebody else, maybe written in another way."""
    value = f"{chance.choice(('u', 'n', 'b'))}{chance.randrange(number + 1)}"
    return chance.choice(ALIKE)(value) if chance.random() < .5 else value


DEFECTS = (
    lambda chance, number, values: "",                                     # nothing
    lambda chance, number, values: " \t\u00a0 ",                           # nothing to be seen
    lambda chance, number, values: "\x01\x02",                             # nothing that XML has
    lambda chance, number, values: "x" * 255 + str(number),                # too long
    lambda chance, number, values: f"k{number}".ljust(255, "\u00e9"),      # as long as may be
    lambda chance, number, values: b"\xff%d" % number,                     # no text
    lambda chance, number, values: chance.choice(list(values.values()))[0],  # one's own
    lambda chance, number, values: other_value(chance, number),
    lambda chance, number, values: other_value(chance, number),
    lambda chance, number, values: f"<{number}> & '\"]]>",                 # markup
    lambda chance, number, values: f"../{number}%s",
    lambda chance, number, values: f"{number:012d}",                       # zeros
    lambda chance, number, values: f"Jose\u0301{number}",                  # not normalized
)


def make_entry(chance, number):
    """An entry's identifiers, by attribute: lists of texts, or of bytes that are no text."""
    values = {"uid": [f"u{number}"], "employeeNumber": [f"n{number}"]}
    if chance.random() < .7:
        values["carLicense"] = [f"b{number}"]
    while chance.random() < .1:
        values[chance.choice(IDENTIFIERS[:3])] = [chance.choice(DEFECTS)(chance, number, values)]
    while chance.random() < .1:
        more = chance.choice(DEFECTS)(chance, number, values)
        values.setdefault("description", []).append(more)
    if chance.random() < .005:
        del values[chance.choice(("uid", "employeeNumber"))]
    return values


def write_entry(file, number, values):
    file.write(b"dn: cn=p%d,dc=example,dc=edu\nsn: Ruiz\n" % number)
    for name, texts in values.items():
        for text in texts:
            data = text if isinstance(text, bytes) else text.encode()
            file.write(b"%s:: %s\n" % (name.encode(), base64.b64encode(data)))
    file.write(b"\n")


def tidy(text):
    text = "".join(c for c in text if c in "\t\n\r" or c >= " ")
    return unicodedata.normalize("NFC", re.sub("[ \t\n\r\u00a0]+", " ", text).strip())


def fold(text):
    """As nobody could tell it from another one."""
    text = re.sub("[\u200b\u00ad]", "", unicodedata.normalize("NFKC", text))
    return re.sub(" +", " ", unicodedata.normalize("NFKC", text.casefold())).strip()


def is_good(values):
    """Whether the record is one that Alma could take if nobody else were there: the identifiers as
    they are compared, or None."""
    # An attribute is a set of values.
    texts = [text for name in IDENTIFIERS for text in dict.fromkeys(values.get(name, []))]
    if any(isinstance(text, bytes) for text in texts):
        return None
    texts = [tidy(text) for text in texts]
    match_id = [tidy(text) for text in values.get("employeeNumber", [])]
    folded = [fold(text) for text in texts if text]
    if not match_id or not match_id[0] or any(len(text) > 255 for text in texts):
        return None
    return folded if len(set(folded)) == len(folded) else None


def report_difference(feed, good, alone):
    """For whoever mends it: people whom only one of the two programs would send."""
    there = {fold(values["UNIV_ID"][0]): values for values in delivered(feed)}
    mine = {number: good[number] for number in alone}
    missing = [values for values in mine.values() if not any(value in there for value in values)]
    known = {value for values in mine.values() for value in values}
    added = [values for value, values in there.items() if value not in known]
    return f"not sent: {missing[:5]}; sent: {added[:5]}"


def test_identifiers_of_generated_people(tmp_path):
    print(f"SEED={SEED} PEOPLE={PEOPLE}")
    chance = random.Random(SEED)
    feed = Feed(tmp_path, mapping=MAPPING, more=SETTINGS)
    good, owners = {}, {}
    with open(tmp_path / "people.ldif", "wb") as file:
        for number in range(PEOPLE):
            values = make_entry(chance, number)
            write_entry(file, number, values)
            good[number] = is_good(values)
            for value in good[number] or ():
                owners[value] = owners.get(value, 0) + 1
    fit = {number for number, values in good.items() if values}
    alone = {number for number in fit if all(owners[value] == 1 for value in good[number])}

    result = feed.run()
    assert result.returncode == 0, result.stderr
    counts = feed.report["counts"]
    assert (counts["rejected"], counts["held"], counts["sent"]) == (
        PEOPLE - len(fit), len(fit) - len(alone), len(alone)), report_difference(feed, good, alone)
    seen = set()
    for values in delivered(feed):
        assert values["UNIV_ID"] and len(values["UNIV_ID"]) == 1
        mine = {fold(text) for texts in values.values() for text in texts}
        assert not mine & seen
        seen |= mine
    assert len(alone) == sum(1 for _ in delivered(feed))
    assert seen == {value for number in alone for value in good[number]}


VALUE = re.compile("<primary_id>(.*?)</primary_id>|<id_type[^>]*>(.*?)</id_type>\\s*<value>(.*?)</value>")


def plain(text):
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def delivered(feed):
    """The identifiers of each record of each package, by type."""
    for package in feed.packages():
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                for record in archive.read(name).decode().split("</user>")[:-1]:
                    values = {}
                    for primary, id_type, value in VALUE.findall(record):
                        values.setdefault(id_type or "primary_id", []).append(plain(primary or value))
                    yield values
