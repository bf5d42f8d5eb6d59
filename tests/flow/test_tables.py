"""CSV tables: what a run makes of their rows, and what it tells of them."""

from feed import MAPPING, Feed, adds_up

MAPPING = MAPPING.replace("user:\n", "tables:\n  cards: { csv: tables/cards.csv, key: id }\nuser:\n") + """\
  user_identifiers:
    - id_type: BARCODE
      value: ${uid | lookup cards barcode}
"""


def make_feed(folder, table):
    feed = Feed(folder, mapping=MAPPING)
    (feed.folder / "tables").mkdir()
    feed.write("tables/cards.csv", table)
    return feed


def barcodes(feed):
    return {user.findtext("primary_id"):
            user.findtext("user_identifiers/user_identifier/value") for user in feed.users()}


def test_rows_are_found_and_doubtful_ones_are_told(tmp_path):
    feed = make_feed(tmp_path, "id,barcode\nARUIZ,B1\nbcole,B2\nBCole,B3\n,B4\nbcole,B2\n")
    result = feed.run()
    assert (result.returncode, result.stderr) == (0, "")
    assert barcodes(feed) == {"aruiz": "B1", "bcole": "B2"}
    twice, no_key = feed.report["findings"]
    assert (twice["code"], twice["severity"], twice["dn"], twice["where"]) == (
        "twice_in_table", "warning", None, "tables/cards.csv:4")
    assert twice["text"] == ("the table 'cards' has the key 'BCole' twice, in line 3 and in line 4;"
                             " line 3 counts")
    assert (no_key["code"], no_key["where"]) == ("no_key", "tables/cards.csv:5")
    assert no_key["text"] == "the table 'cards' has 1 row without 'id', the first in line 5"
    assert feed.report["counts"]["sent"] == 2
    assert adds_up(feed.report["counts"])


def test_many_findings_are_summed_up(tmp_path):
    rows = "".join(f"aruiz,{number}\n" for number in range(100)) + ",x\n" * 30
    feed = make_feed(tmp_path, "id,barcode\n" + rows)
    assert feed.run().returncode == 0
    twice = feed.findings("twice_in_table")
    assert len(twice) == 21
    assert twice[19]["where"] == "tables/cards.csv:22"
    assert (twice[20]["where"], twice[20]["text"]) == (
        "tables/cards.csv:101",
        "the table 'cards' has 79 more rows with a key that stands there already")
    no_key, = feed.findings("no_key")
    assert no_key["text"] == "the table 'cards' has 30 rows without 'id', the first in line 102"
    assert adds_up(feed.report["counts"])


def test_a_fault_in_the_file_stops_the_run(tmp_path):
    feed = make_feed(tmp_path, "id,barcode\naruiz\n")
    result = feed.run()
    assert result.returncode == 78
    assert result.stderr.splitlines()[0].endswith(
        "tables/cards.csv:2: 1 field where the header row has 2")
    assert feed.packages() == []
    (feed.folder / "tables/cards.csv").unlink()
    result = feed.run()
    assert result.returncode == 78
    assert result.stderr.splitlines()[0].endswith(
        "mapping.yaml:6:17: cannot read 'tables/cards.csv': No such file or directory")


def test_large_tables_extend_each_other(tmp_path):
    """As many rows as would take hours if each were compared with each."""
    feed = make_feed(tmp_path, "id,barcode\nARUIZ,B1\n")
    rows = "".join(f"    {{0}}{i}: x\n" for i in range(400000))
    feed.write("base.yaml", MAPPING.replace("tables:\n", "tables:\n  codes:\n" + rows.format("a"))
               .replace("${sn}", "${sn | lookup codes | default none}"))
    feed.write("mapping.yaml", "mapping: 1\nextends: base.yaml\ntables:\n  codes:\n"
               + rows.format("b") + "    Ruiz: found\n")
    assert feed.run().returncode == 0
    assert {user.findtext("last_name") for user in feed.users()} == {"found", "none"}
