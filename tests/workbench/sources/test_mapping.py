"""Mappings: proposed from names and contents, kept as TOML, checked before they are used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import model, sources
from workbench.errors import BadInput, NotFound
from workbench.sources import Mapping, Overrides, TableMapping
from workbench.sources.names import SYNONYMS, plain


def proposed(write, text: str) -> TableMapping:
    (table,) = sources.propose(sources.inspect(write("source.csv", text))).tables
    return table


def row(count: int) -> str:
    return ",".join(f"v{i}" for i in range(count))


RECEIPT = (
    "case:channel,case:concept:name,case:deadline,case:enddate_planned,concept:name,lifecycle:transition,org:resource,time:timestamp\n"
    "Desk,k1,2011-12-06 13:41:31+01:00,2011-12-06 13:41:31+01:00,Confirm,complete,R1,2011-10-11 13:45:40+02:00\n"
)
HELPDESK = "Case ID,Activity,Resource,Complete Timestamp,Variant,Variant index,Variant,seriousness,customer,product\n"
ORDERS = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date\n"
)
TIME = "2018-01-18 00:00:00"


class TestProposals:
    def test_a_log_where_few_rows_have_an_amount_is_no_list_of_orders(self, write):
        steps = "".join(f"{i % 3},2024-05-{i + 1:02},search,\n" for i in range(8)) + "2,2024-05-09,pay,9.90\n"
        found = proposed(write, "Customer,Date,Step,Amount\n" + steps)
        assert found.table == "events"
        assert found.columns == {"customer_id": "Customer", "occurred_at": "Date", "touchpoint": "Step", "amount": "Amount"}

    def test_a_log_under_names_not_known_is_no_list_of_customers(self, write):
        steps = "".join(f"a{i % 3}@example.com,2024-05-{i + 1:02},{'pay' if i % 2 else 'search'}\n" for i in range(9))
        found = proposed(write, "E-Mail,Datum,Schritt\n" + steps)
        assert found.table == "events"
        assert found.columns == {"customer_id": "E-Mail", "occurred_at": "Datum"}
        assert found.missing() == ("touchpoint",)

    def test_a_log_with_process_mining_names(self, write):
        found = proposed(write, RECEIPT)
        assert found.table == "events"
        assert found.columns == {
            "customer_id": "case:concept:name",  # no column names a customer
            "occurred_at": "time:timestamp",
            "touchpoint": "concept:name",
            "channel": "case:channel",
            "case_id": "case:concept:name",
            "owner": "org:resource",
        }
        notes = sources.propose(sources.inspect(write("a.csv", RECEIPT))).notes
        assert [note.key for note in notes] == ["sources.case_as_customer"]

    def test_a_service_desk(self, write):
        found = proposed(
            write, HELPDESK + "Case 1,Assign,Value 1,2012/10/09 14:50:17.000,V 12,12,V 12,Value 1,Value 2,Value 3\n"
        )
        assert (found.table, found.columns["case_id"], found.columns["customer_id"]) == ("events", "Case ID", "customer")
        assert (found.columns["touchpoint"], found.columns["owner"]) == ("Activity", "Resource")

    def test_an_order_timeline(self, write):
        found = proposed(
            write, ORDERS + f"o1,c1,delivered,{TIME},{TIME},{TIME},{TIME},{TIME}\no2,c2,shipped,{TIME},,,,{TIME}\n"
        )
        assert found.table == "events"
        assert found.columns == {"customer_id": "customer_id", "case_id": "order_id"}
        assert found.timeline == {
            "order_purchase_timestamp": "Order purchase",
            "order_approved_at": "Order approved",
            "order_delivered_carrier_date": "Order delivered carrier",
            "order_delivered_customer_date": "Order delivered customer",  # an estimate is no event
        }

    def test_a_shop(self, write):
        text = (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
            "1,85A,HEART,6,2010-12-01 08:26:00,2.55,17850,UK\n1,71,LANTERN,6,2010-12-01 08:26:00,3.39,17850,UK\n"
        )
        found = proposed(write, text)
        assert found.table == "orders"
        assert found.columns["amount"] == "Quantity * UnitPrice"
        assert (found.columns["customer_id"], found.columns["ordered_at"]) == ("CustomerID", "InvoiceDate")
        assert "order_id" not in found.columns  # an invoice has several lines: it is no key of a row

    def test_reviews(self, write):
        text = "review_id,order_id,review_score,review_comment_title,review_comment_message,"
        text += "review_creation_date,review_answer_timestamp\n"
        found = proposed(write, text + f"r1,o1,1,Ruim,Não chegou,{TIME},{TIME}\nr2,o2,5,,Bom,{TIME},{TIME}\n")
        assert found.table == "reviews"
        assert (found.columns["rating"], found.columns["text"]) == ("review_score", "review_comment_message")
        assert found.constants == {"rating_max": 5}

    def test_customers(self, write):
        text = "customerID,gender,SeniorCitizen,Partner,tenure,Contract,MonthlyCharges,Churn\n"
        found = proposed(
            write, text + "7590-VHVEG,Female,0,Yes,1,Month-to-month,29.85,No\n5575-GNVDE,Male,0,No,34,One year,56.95,Yes\n"
        )
        assert (found.table, found.columns) == ("customers", {"customer_id": "customerID"})

    def test_a_campaign(self, write):
        text = "customer_id,sent_at,campaign,channel,group,outcome\n"
        found = proposed(write, text + "c1,2024-01-01,spring,mail,control,0\nc2,2024-01-01,spring,mail,test,1\n")
        assert found.table == "contacts"
        assert found.columns["arm"] == "group" and found.values == {"arm": {"control": "control", "test": "treatment"}}

    def test_a_russian_log(self, write):
        found = proposed(write, "Номер обращения;Клиент;Дата и время;Событие;Канал\n1;к1;01.03.2024 10:00;Звонок;телефон\n")
        assert found.table == "events"
        assert found.columns == {
            "customer_id": "Клиент",
            "occurred_at": "Дата и время",
            "touchpoint": "Событие",
            "channel": "Канал",
            "case_id": "Номер обращения",
        }

    def test_a_polish_log(self, write):
        found = proposed(
            write,
            "Nr zgłoszenia;Id klienta;Data zdarzenia;Czynność;Kanał;Etap\n1;k1;01.03.2024 10:00;Telefon;infolinia;Zakup\n",
        )
        assert found.columns == {
            "customer_id": "Id klienta",
            "occurred_at": "Data zdarzenia",
            "touchpoint": "Czynność",
            "channel": "Kanał",
            "stage": "Etap",
            "case_id": "Nr zgłoszenia",
        }

    @pytest.mark.parametrize("names", ["customer,when,what,channel", "клиент,когда,что,канал", "klient,kiedy,co,kanał"])
    @pytest.mark.parametrize("n_customers", [3, 9])  # who comes once only could be a list of customers
    def test_a_log_in_the_plainest_words(self, write, names, n_customers):
        rows = "".join(f"k{i % n_customers},2024-05-0{i + 1},{'pay' if i % 2 else 'search'},web\n" for i in range(9))
        found = proposed(write, f"{names}\n{rows}")
        assert found.table == "events"
        model_names = ("customer_id", "occurred_at", "touchpoint", "channel")
        assert found.columns == dict(zip(model_names, names.split(","), strict=True))

    def test_contents_count_not_only_names(self, write):
        # "date" holds no dates and "event" only times: neither is taken for what it is called
        found = proposed(write, "customer_id,date,event\nc1,blue,2024-01-01\nc2,red,2024-01-02\n")
        assert found.columns.get("occurred_at") != "date" and found.columns.get("touchpoint") != "event"

    def test_personal_columns(self, write):
        text = "customer_id,when,event,Contact,Full name,phone\nc1,2024-01-01,Open,anna@example.com,Anna Nowak,601234567\n"
        assert proposed(write, text).personal == {"Contact": "hash", "Full name": "drop", "phone": "hash"}

    def test_an_email_that_stands_for_the_customer_is_hashed(self, write):
        found = proposed(write, "email,timestamp,event\nanna@example.com,2024-01-01,Open\n")
        assert found.columns["customer_id"] == "email" and found.personal == {"email": "hash"}

    def test_what_is_missing_is_named(self, write):
        inspection = sources.inspect(write("a.csv", "colour,size\nred,1\nblue,2\n"))
        mapping = sources.propose(inspection)
        assert mapping.tables[0].missing()
        assert [note.key for note in mapping.notes] == ["sources.incomplete"]
        with pytest.raises(BadInput, match="leaves out"):
            sources.conform(inspection, mapping, secret=b"k")


def test_synonyms_are_written_the_way_names_are_compared():
    for table, columns in SYNONYMS.items():
        assert set(columns) <= {column.name for column in model.TABLES[table].columns}
        for names in columns.values():
            assert len(set(names)) == len(names)
            assert all(plain(name) == name for name in names)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(
    columns=st.dictionaries(st.sampled_from(["channel", "stage", "product", "owner"]), names),
    timeline=st.dictionaries(names, names, min_size=1, max_size=3),
    personal=st.dictionaries(names, st.sampled_from(["hash", "drop", "mask"]), max_size=3),
    values=st.dictionaries(names, names, max_size=3),
    keep=st.none() | st.lists(names, max_size=3).map(tuple),
    zone=st.none() | names,
    day_first=st.none() | st.booleans(),
    source=names,
)
def test_a_mapping_survives_its_toml(columns, timeline, personal, values, keep, zone, day_first, source):
    table = TableMapping(
        "events",
        {"customer_id": "who", **columns},
        {"amount": 1.5},
        timeline,
        keep,
        personal,
        {"when": "day first"},
        {"channel": values} if values else {},
        source,
        source[::-1],
    )
    mapping = Mapping((table, TableMapping("customers", {"customer_id": "id"})), Overrides(timezone=zone, day_first=day_first))
    assert Mapping.from_toml(mapping.to_toml()) == mapping


def test_a_mapping_survives_its_file(tmp_path, write):
    mapping = sources.propose(sources.inspect(write("a.csv", RECEIPT)))
    mapping.write(tmp_path / "mapping.toml")
    assert Mapping.read(tmp_path / "mapping.toml") == mapping
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8").startswith("# The source names no customer")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[table]", "not readable TOML"),
        ("", r"names no table"),
        ("[[table]]\ntable = 'event'", "events"),
        ("[[table]]\ntable = 'events'\ncolumn = {}", "columns"),
        ("[[table]]\ntable = 'events'\n[table.columns]\nuser = 'x'", "customer_id"),
        ("[[table]]\ntable = 'events'\n[table.columns]\ncustomer_id = 3", "customer_id"),
        ("[[table]]\ntable = 'events'\n[table.columns]\ncustomer_id = 'a'", "occurred_at, touchpoint"),
        ("[[table]]\ntable = 'customers'\n[table.columns]\ncustomer_id = 'a'\n[table.personal]\na = 'burn'", "hash"),
        ("[[table]]\ntable = 'customers'\n[table.columns]\ncustomer_id = 'a'\n[table.formats]\na = 'dmy'", "day first"),
        ("[[table]]\ntable = 'customers'\n[table.columns]\ncustomer_id = 'a'\n[table.timeline]\na = 'A'", "timeline"),
        ("[source]\ndecimal = 'x'\n[[table]]\ntable = 'customers'", "source.decimal"),
        ("[source]\nday_first = 'yes'\n[[table]]\ntable = 'customers'", "bool"),
        ("[source]\nzone = 'UTC'\n[[table]]\ntable = 'customers'", "timezone"),
    ],
)
def test_a_wrong_mapping_is_refused_with_a_hint(text, said):
    with pytest.raises(BadInput, match=said):
        Mapping.from_toml(text)


def test_columns_the_source_has_not(write):
    inspection = sources.inspect(write("a.csv", "who,when,what\na,2024-01-01,x\n"))
    table = TableMapping("events", {"customer_id": "whom", "occurred_at": "when", "touchpoint": "what"})
    with pytest.raises(NotFound, match="Did you mean “who”"):
        sources.conform(inspection, Mapping((table,)), secret=b"k")


def test_tables_for_other_sources_are_left_out(write, events):
    import dataclasses

    inspection = sources.inspect(write("log.csv", "who,when,what\na,2024-01-01,x\n"))
    other = TableMapping("customers", {"customer_id": "id"}, source="customers*.csv")
    mine = dataclasses.replace(events, source="log*")
    assert [made.table for made in sources.conform(inspection, Mapping((other, mine)), secret=b"k")] == ["events"]
    with pytest.raises(BadInput, match=r"log\.csv"):
        sources.conform(inspection, Mapping((other,)), secret=b"k")
