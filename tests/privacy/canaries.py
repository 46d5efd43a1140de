"""Invented people whose every datum can be recognised wherever it stands."""

from dataclasses import dataclass
from typing import Any

from tests.activation import factories, sheets


@dataclass(frozen=True)
class Canary:
    """A beneficiary.

    Attributes:
        name: of the canary in the report; last and first name are made of it.
        number: makes the birth, the numbers and the card its own.
    """

    name: str
    number: int
    iccid: str

    @property
    def last_name(self) -> str:
        """A name that nobody bears."""
        return f"Canarival-Z{self.name}é"

    @property
    def first_name(self) -> str:
        """The same."""
        return f"Plume{self.name}ette"

    @property
    def country(self) -> str:
        """A country that does not exist."""
        return f"Volièrie-{self.name}"

    @property
    def phone(self) -> str:
        """A national number."""
        return f"06439587{self.number:02}"

    @property
    def line(self) -> str:
        """The number that SFR gives."""
        return f"07582964{self.number:02}"

    @property
    def rio(self) -> str:
        """The code that goes with `phone`."""
        return factories.rio_of(self.phone)

    @property
    def born(self) -> tuple[str, str, str]:
        """Day, month and year."""
        return f"{10 + self.number}", "11", f"{1931 + self.number}"

    def form(self, **fields: str) -> dict[str, str]:
        """Return what a partner types."""
        day, month, year = self.born
        typed = factories.typed(
            iccid=self.iccid,
            last_name=self.last_name,
            first_name=self.first_name,
            birth_date_day=day,
            birth_date_month=month,
            birth_date_year=year,
            birth_department="99",
            birth_country=self.country,
            portability="oui",
            current_number=" ".join(self.phone[at : at + 2] for at in range(0, 10, 2)),
            contact_phone=self.phone,
            rio=self.rio,
        )
        return typed | fields

    def line_of_sheet(self, **fields: str) -> dict[str, Any]:
        """Return the cells of a file's line."""
        cells = sheets.line(
            iccid=self.iccid,
            last_name=self.last_name,
            first_name=self.first_name,
            birth_date="/".join(self.born),
            birth_department="99",
            birth_country=self.country,
            portability="oui",
            current_number=self.phone,
            contact_phone=self.phone,
            rio=self.rio,
        )
        return cells | fields

    def secrets(self) -> dict[str, str]:
        """Return what nobody may read, by what it is."""
        texts = {
            "last name": self.last_name,
            "first name": self.first_name,
            "country": self.country,
            "birth": "/".join(self.born),
            "birth, ISO": "-".join(reversed(self.born)),
            "phone": self.phone,
            "phone, E.164": f"+33{self.phone[1:]}",
            "line": self.line,
            "line, E.164": f"+33{self.line[1:]}",
            "ICCID": self.iccid,
            "RIO": self.rio,
        }
        return {f"{self.name}: {what}": text for what, text in texts.items()}


def canaries(*names: str) -> dict[str, Canary]:
    """Return a person for each name."""
    return {
        name: Canary(name, number, factories.card()) for number, name in enumerate(names, start=1)
    }
