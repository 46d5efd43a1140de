"""How much internet a month takes, in whole numbers: exact, and the same in the page's script.

Everything is counted in *grains*, 70,000 to a Mo, so that a tenth of a unit a week of a usage
given to a hundredth of a Mo is a whole number of them: a month is 30.4 days, or 30.4 / 7 weeks.
1 Go is 1,000 Mo, as operators count.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NBSP = "\u00a0"

DAYS_A_MONTH_TENTHS = 304  # 365 / 12, to a tenth of a day
DAYS_A_WEEK = 7
_MEGABYTE = 10 * 100 * 10 * DAYS_A_WEEK  # tenths of units × hundredths of Mo × tenths of days × 7
#: Grains in a tenth of a Go.
TENTH_GO = 100 * _MEGABYTE
#: From here on the range is told in whole Go, in tenths of a Go.
_WHOLE_FROM = 20


class Period(StrEnum):
    """How often an amount is counted."""

    DAY = "day"
    WEEK = "week"


def rate(megabytes: Decimal, period: str) -> int:
    """Return the grains that a month takes for a tenth of a unit in each period.

    Args:
        megabytes: Mo for one unit, to two decimals.
        period: a `Period`.
    """
    times = DAYS_A_WEEK if period == Period.DAY else 1
    return int(megabytes * 100) * DAYS_A_MONTH_TENTHS * times


def grains(amount: Decimal, rate: int) -> int:
    """Return the grains of a month.

    Args:
        amount: units in each period, to one decimal.
        rate: of the usage, see `rate`.
    """
    return int(amount * 10) * rate


def grains_of(gigabytes: Decimal) -> int:
    """Return the grains in so many Go, given to two decimals."""
    return int(gigabytes * 100) * TENTH_GO // 10


def tenths(amount: int) -> int:
    """Round grains to tenths of a Go, half up."""
    return (2 * amount + TENTH_GO) // (2 * TENTH_GO)


def digits(tenths: int) -> str:
    """Write tenths of a Go the French way: ``6,4`` or ``8``."""
    whole, rest = divmod(tenths, 10)
    return f"{whole},{rest}" if rest else str(whole)


def words(amount: int) -> str:
    """Write grains as Go: ``6,4 Go``; what rounds to nothing is ``moins de 0,1 Go``."""
    rounded = tenths(amount)
    if amount and not rounded:
        return f"moins de 0,1{NBSP}Go"
    return f"{digits(rounded)}{NBSP}Go"


@dataclass(frozen=True)
class Range:
    """What a month may really take, in grains, and in tenths of a Go rounded outwards."""

    highest: int
    low: int
    high: int

    def __str__(self) -> str:
        if not self.low:
            return f"moins de {digits(self.high)}{NBSP}Go"
        return f"entre {digits(self.low)} et {digits(self.high)}{NBSP}Go"


def spread(amount: int, margin: int) -> Range:
    """Return the range around grains.

    Args:
        amount: grains.
        margin: per cent, both ways.
    """
    unit = TENTH_GO * (10 if tenths(amount) >= _WHOLE_FROM else 1)
    step = unit // TENTH_GO
    low = amount * (100 - margin) // (100 * unit)
    high = -(-amount * (100 + margin) // (100 * unit))
    return Range(-(-amount * (100 + margin) // 100), low * step, max(high, 1) * step)
