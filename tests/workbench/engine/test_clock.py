"""What a text says of a day or a moment."""

import pytest

from workbench.engine import clock
from workbench.errors import BadInput


def test_the_last_day_of_the_calendar_has_no_end():
    with pytest.raises(
        BadInput, match=r"'9999-12-31' is too late for the calendar; the last day that can be .* 9999-12-30"
    ) as refused:
        clock.span("9999-12-31", "Europe/Warsaw")
    assert all("9999-12-30" in refused.value.text(language) for language in ("ru", "pl"))
    first, end = clock.span("9999-12-30", "Europe/Warsaw")
    assert end - first == clock.DAY
    with pytest.raises(BadInput, match="'9999-12-32' is not a date or time"):
        clock.span("9999-12-32", "UTC")
