"""Ids as numbers: two that would share one never do."""

import duckdb

from workbench.engine import numbering
from workbench.engine.numbering import number_sql, write_numbered
from workbench.model import Rule


def test_the_same_text_has_the_same_number_and_another_salt_gives_another():
    cursor = duckdb.connect()
    sql = f"SELECT {number_sql('a', 0)}, {number_sql('a', 0)}, {number_sql('a', 1)} FROM (SELECT 'c00000001' AS a)"
    one, again, salted = cursor.execute(sql).fetchone()
    assert one == again != salted
    assert 0 <= one < 2**63


def _narrow(monkeypatch, least: int) -> list[int]:
    """Numbers below ten until the salt is `least`: eleven texts can't but share some."""
    real, asked = numbering.number_sql, []

    def number(column: str, salt: int) -> str:
        asked.append(salt)
        return real(column, salt) if salt >= least else f"({real(column, salt)} % 10)"

    for module in ("numbering", "tables", "cutting"):
        monkeypatch.setattr(f"workbench.engine.{module}.number_sql", number)
    return asked


def test_texts_that_share_a_number_are_numbered_anew(monkeypatch):
    asked = _narrow(monkeypatch, 3)
    cursor = duckdb.connect()
    salt = write_numbered(cursor, "TABLE t", "SELECT 'c' || range AS id FROM range(11)", "number", "id")
    assert salt == 3
    assert asked == [0, 1, 2, 3]
    assert cursor.execute("SELECT count(*), count(DISTINCT number), count(DISTINCT id) FROM t").fetchone() == (11, 11, 11)


def test_journeys_and_customers_stay_apart_where_numbers_fall_together(monkeypatch, prepare):
    log = [
        {"customer_id": f"c{customer}", "case_id": f"k{case}", "touchpoint": "A", "at": case}
        for customer in range(11)
        for case in range(customer * 2, customer * 2 + 2)
    ]
    people = [{"customer_id": f"c{customer}", "plan": f"p{customer}"} for customer in range(12)]
    asked = _narrow(monkeypatch, 1)
    for rule, journeys in ((Rule("customer"), 11), (Rule("case"), 22)):
        p = prepare(log, rule, people=people)
        assert (p.n_journeys, p.n_customers) == (journeys, 11)
        found = p.query("SELECT DISTINCT customer_id, plan FROM steps JOIN customers USING (customer) ORDER BY ALL")
        assert {(one, plan) for one, plan in found.values.tolist()} == {(f"c{n}", f"p{n}") for n in range(11)}
        assert p.row("SELECT count(*) FROM customers") == (12,)
    assert max(asked) == 1
