"""What companies call the model's columns, in English, Russian and Polish; the first names say it most clearly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType


def words(name: str) -> list[str]:
    """The lower-case words of a column name: "CustomerID", "customer_id" and "Customer Id" are the same two."""
    spaced = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


def plain(name: str) -> str:
    return " ".join(words(name))


_WHO = (
    "customer id", "customer unique id", "customer", "customer no", "customer number", "customer key",
    "customer code", "case customer",
    "client id", "client", "client no", "client number", "user id", "userid", "user", "visitor id", "member id",
    "contact id",
    "account id", "account number", "subscriber id", "party id", "buyer id", "person id", "passenger id",
    "guest id", "loyalty id", "card no",
    "customer email", "email", "e mail", "phone",
    "клиент", "ид клиента", "id клиента", "код клиента", "номер клиента", "клиент id", "покупатель",
    "ид покупателя", "абонент",
    "klient", "id klienta", "klient id", "nr klienta", "numer klienta", "kod klienta", "identyfikator klienta",
    "kontrahent", "nabywca",
)  # fmt: skip
_CHANNEL = (
    "channel", "case channel", "contact channel", "source channel", "medium", "platform", "device", "org channel",
    "marketing channel",
    "канал", "канал связи", "канал обращения", "источник", "kanał", "kanal", "kanał kontaktu", "platforma",
)  # fmt: skip
_PRODUCT = (
    "product", "product id", "product name", "product category name", "item", "item id", "sku", "stock code",
    "article", "description",
    "clothing id", "service", "продукт", "товар", "артикул", "услуга", "produkt", "towar", "usługa", "nazwa produktu",
)  # fmt: skip
_LANGUAGE = ("language", "lang", "locale", "язык", "język", "jezyk")
_COMMENT = (
    "comment", "comments", "review comment message", "comment text", "feedback", "verbatim", "open answer",
    "review text", "text", "message",
    "комментарий", "отзыв", "текст", "ответ", "komentarz", "opinia", "uwagi", "treść", "tresc",
)  # fmt: skip

SYNONYMS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "events": {
            "event_id": (
                "event id", "event uuid", "eventid", "ид события", "id события", "id zdarzenia",
                "identyfikator zdarzenia",
            ),
            "case_id": (
                "case concept name", "case id", "caseid", "case", "case key", "case number", "journey id",
                "process instance", "trace id",
                "ticket id", "ticket", "session id", "order id", "order no", "order number", "invoice no",
                "invoice number", "application id",
                "request id", "incident id", "номер обращения", "ид обращения", "обращение", "номер заявки",
                "заявка", "номер заказа", "заказ",
                "кейс", "дело", "id sprawy", "sprawa", "nr sprawy", "numer sprawy", "zgłoszenie", "nr zgłoszenia",
                "nr zamówienia", "zamówienie",
            ),
            "customer_id": _WHO,
            "occurred_at": (
                "time timestamp", "occurred at", "timestamp", "event time", "event timestamp",
                "complete timestamp", "end timestamp",
                "start timestamp", "date time", "datetime", "event date", "time", "date", "created at", "created",
                "start time", "end time",
                "ts", "when", "invoice date", "order date", "visit time", "event at", "epoch",
                "время", "дата", "дата и время", "время события", "дата события", "когда", "момент",
                "czas", "data", "data i czas", "czas zdarzenia", "data zdarzenia", "znacznik czasu", "kiedy",
                "data godzina",
            ),
            "touchpoint": (
                "concept name", "touchpoint", "activity", "activity name", "event", "event name", "event type",
                "action", "task", "step",
                "page", "page name", "screen", "status", "interaction", "contact type", "operation", "step name",
                "what", "what happened",
                "точка контакта", "событие", "действие", "активность", "шаг", "операция", "этап процесса",
                "тип события", "вид обращения", "что", "что произошло",
                "punkt styku", "zdarzenie", "czynność", "czynnosc", "aktywność", "aktywnosc", "akcja", "krok",
                "działanie", "typ zdarzenia", "co", "co się stało",
            ),
            "channel": _CHANNEL,
            "stage": ("stage", "phase", "funnel stage", "journey stage", "стадия", "этап", "фаза", "etap", "faza"),
            "product": _PRODUCT,
            "owner": (
                "org resource", "resource", "owner", "agent", "assignee", "employee", "operator", "handled by",
                "user name", "org group", "workgroup",
                "исполнитель", "ответственный", "сотрудник", "оператор", "zasób", "wykonawca", "pracownik",
                "właściciel", "konsultant",
            ),
            "amount": (
                "amount", "order amount", "total", "revenue", "value", "price", "amount req", "case amount req",
                "сумма", "стоимость", "цена",
                "kwota", "wartość", "wartosc", "cena", "suma",
            ),
            "duration": ("duration", "duration s", "duration seconds", "seconds", "длительность", "czas trwania"),
        },
        "customers": {
            "customer_id": _WHO,
            "joined_at": (
                "joined at", "joined", "signup date", "sign up date", "registered at", "registration date",
                "customer since", "member since",
                "created at", "дата регистрации", "клиент с", "data rejestracji", "klient od",
            ),
            "left_at": (
                "left at", "churned at", "churn date", "cancelled at", "closed at", "end date", "дата ухода",
                "data odejścia",
            ),
            "vip": ("vip", "is vip", "вип", "key account", "premium"),
            "consent": (
                "consent", "marketing consent", "opt in", "gdpr consent", "согласие", "zgoda", "zgoda marketingowa",
            ),
        },
        "surveys": {
            "response_id": ("response id", "answer id", "survey id", "id ответа", "id odpowiedzi"),
            "customer_id": _WHO,
            "answered_at": (
                "answered at", "response date", "responded at", "survey date", "review answer timestamp",
                "submitted at", "completed at",
                "timestamp", "date", "created at", "дата ответа", "дата опроса", "дата", "data odpowiedzi",
                "data ankiety", "data",
            ),
            "instrument": (
                "instrument", "survey type", "metric", "question type", "вид опроса", "метрика", "rodzaj ankiety",
                "wskaźnik",
            ),
            "level": ("level", "survey level", "уровень", "poziom"),
            "score": (
                "nps", "csat", "ces", "nps score", "csat score", "ces score", "score", "survey score",
                "recommend", "likelihood to recommend",
                "answer", "satisfaction score", "оценка", "балл", "ответ балл", "ocena", "wynik", "punkty",
            ),
            "scale_min": ("scale min", "min score"),
            "scale_max": ("scale max", "max score"),
            "touchpoint": ("touchpoint", "survey touchpoint", "точка контакта", "punkt styku"),
            "channel": _CHANNEL,
            "product": _PRODUCT,
            "comment": _COMMENT,
            "language": _LANGUAGE,
        },
        "reviews": {
            "review_id": ("review id", "id отзыва", "id opinii"),
            "customer_id": _WHO,
            "posted_at": (
                "posted at", "review answer timestamp", "review date", "published at", "review creation date",
                "created at", "timestamp", "date",
                "дата отзыва", "дата", "data opinii", "data",
            ),
            "source": ("source", "site", "review source", "portal", "источник", "площадка", "źródło", "serwis"),
            "rating": (
                "rating", "review score", "stars", "score", "overall rating", "рейтинг", "оценка", "звёзды",
                "ocena", "gwiazdki",
            ),
            "rating_max": ("rating max", "max rating"),
            "title": ("title", "review title", "review comment title", "headline", "заголовок", "tytuł", "tytul"),
            "text": (
                "review text", "review comment message", "review", "review body", "text", "body", "content",
                "comment", "message",
                "отзыв", "текст отзыва", "текст", "комментарий", "opinia", "treść", "tresc", "tekst", "komentarz",
            ),
            "language": _LANGUAGE,
            "replied_at": ("replied at", "reply date", "response date", "дата ответа", "data odpowiedzi"),
        },
        "orders": {
            "order_id": (
                "order id", "order no", "order number", "transaction id", "invoice no", "invoice number",
                "номер заказа", "заказ",
                "nr zamówienia", "numer zamówienia",
            ),
            "customer_id": _WHO,
            "ordered_at": (
                "ordered at", "order date", "order purchase timestamp", "purchase date", "transaction date",
                "invoice date", "date", "created at",
                "timestamp", "дата заказа", "дата покупки", "дата", "data zamówienia", "data zakupu", "data",
            ),
            "amount": (
                "amount", "order amount", "order total", "total", "total amount", "revenue", "sales",
                "dollar value", "payment value", "spend", "value",
                "price", "unit price", "сумма", "сумма заказа", "стоимость", "kwota", "wartość",
                "wartość zamówienia", "suma",
            ),
            "product": _PRODUCT,
            "quantity": (
                "quantity", "qty", "units", "number of cds", "count", "количество", "ilość", "ilosc", "liczba",
            ),
        },
        "contacts": {
            "contact_id": ("contact id",),
            "customer_id": _WHO,
            "contacted_at": (
                "contacted at", "contact date", "sent at", "send date", "date", "timestamp", "дата контакта",
                "data kontaktu", "data wysyłki",
            ),
            "campaign": ("campaign", "campaign id", "campaign name", "кампания", "kampania", "акция", "akcja"),
            "channel": _CHANNEL,
            "arm": (
                "arm", "group", "treatment", "test group", "variant", "treatment group", "segment", "группа",
                "grupa", "ramię",
            ),
            "propensity": ("propensity", "treatment probability"),
            "outcome": (
                "outcome", "response", "conversion", "converted", "visit", "отклик", "конверсия", "odpowiedź",
                "konwersja",
            ),
            "revenue": ("revenue", "spend", "выручка", "przychód"),
            "cost": ("cost", "contact cost", "стоимость контакта", "koszt"),
        },
    }
)  # fmt: skip

#: words that make a name the name of a key
ID_WORDS = frozenset((
    "id", "ids", "no", "nr", "number", "key", "code", "uuid", "guid", "unique", "ид", "номер", "код", "numer", "kod",
    "identyfikator",
))  # fmt: skip
#: words of times that were planned, not lived through
PLANNED = frozenset((
    "estimated", "planned", "expected", "deadline", "limit", "due", "target", "eta", "forecast", "promised", "plan",
    "sla", "enddate", "план", "плановая", "плановый", "ожидаемая", "срок", "planowana", "planowany", "szacowana",
    "termin",
))  # fmt: skip
#: words of a time's name that say nothing about what happened
TIME_WORDS = frozenset((
    "timestamp", "date", "time", "at", "datetime", "on", "ts", "дата", "время", "data", "czas",
))  # fmt: skip

#: personal data by name: words -> what is proposed
PERSONAL = MappingProxyType(
    {
        "hash": ("email", "e mail", "mail", "phone", "phone number", "mobile", "telephone", "tel", "ip",
        "ip address", "login", "passport",
                 "почта", "телефон", "паспорт", "инн", "снилс", "e mail адрес", "telefon", "nr telefonu",
                 "adres e mail", "pesel", "nip"),
        "drop": ("first name", "last name", "full name", "surname", "customer name", "client name",
        "name and surname", "fullname", "address",
                 "street", "birth date", "date of birth", "birthday", "dob", "имя", "фамилия", "отчество", "фио",
                 "адрес", "дата рождения",
                 "imię", "imie", "nazwisko", "imię i nazwisko", "adres", "ulica", "data urodzenia"),
    }
)  # fmt: skip
