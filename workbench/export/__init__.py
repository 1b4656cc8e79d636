"""What is taken away: pictures, pages that stay interactive offline, slides, tables. Nothing is loaded, nothing is executed.

Texts in a chart, a map or a table may come from anyone: in a page every one is escaped and a policy forbids all loading; in a
table for a spreadsheet none can become a formula; on a slide each is text and nothing else.
"""

from workbench.export.map_page import map_to_html, map_to_pdf
from workbench.export.map_slides import map_to_pptx
from workbench.export.pages import results_to_html, to_html, to_png, to_svg
from workbench.export.slides import to_pptx
from workbench.export.tables import map_sheets, said_as_rows, to_csv, to_xlsx

__all__ = [
    "map_sheets",
    "map_to_html",
    "map_to_pdf",
    "map_to_pptx",
    "results_to_html",
    "said_as_rows",
    "to_csv",
    "to_html",
    "to_png",
    "to_pptx",
    "to_svg",
    "to_xlsx",
]
