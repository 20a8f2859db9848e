"""VINs and manufacturer identifiers in CSV, where programs guess what is a number."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]+(?:E[0-9]+)?")


def as_csv_text(identifier: str) -> str:
    """Return an identifier as the content of a CSV cell that stays text in programs which guess types.

    Excel and pandas read digits, and digits around one E, as a number, even between quotation marks: 007 becomes 7, and
    of 17 digits the last ones are lost. A formula with a constant text stays text in both. (Microsoft, Q66033: "XL:
    Hexadecimal Values Changed When Imported from .CSV File"; pandas, issue 35713.)

    >>> as_csv_text("WMA"), as_csv_text("007"), as_csv_text("1E9")
    ('WMA', '="007"', '="1E9"')
    """
    return f'="{identifier}"' if _NUMBER.fullmatch(identifier) else identifier
