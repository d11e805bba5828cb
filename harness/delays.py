"""How long something takes: distributions as plain values, and a sampler.

A delay is a number of nanoseconds. There is no figure here: nobody has measured these networks, so whoever wants a
delay gives its distribution.

The same draws give the same nanoseconds on every machine and Python version. `Draws.random` is exact, sums and
products of binary floats are, too; the logarithms and exponentials of libm are not, they differ in the last digit from
one C library to the next. So the log-normal distribution calculates in decimals, whose `ln`, `exp` and `sqrt` the
standard rounds correctly (General Decimal Arithmetic), and rounds to a nanosecond at the end.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import assert_never

from harness.draws import Draws
from harness.errors import UsageError
from harness.frozen import frozen
from harness.instants import SECOND, seconds

__all__ = ["AT_ONCE", "DELAY_MAX_NS", "Delay", "Fixed", "LogNormal", "Mixture", "Uniform", "sample"]

DELAY_MAX_NS = 63 * 7 * 86400 * 1_000_000_000
"""63 weeks: no network keeps a text for longer (TP-VP, 3GPP TS 23.040 §9.2.3.12). Longer samples are cut to it."""


_DELAYS = "delays are from 0 s to 63 weeks"


def _check(fits: bool, what: str, remedy: str = _DELAYS) -> None:
    if not fits:
        raise UsageError(f"there is no {what}", remedy)


def _words(delay_ns: int) -> str:
    """As authors write it; none is too long to be told."""
    return f"{seconds(delay_ns):g} s" if abs(delay_ns) < 1 << 64 else f"{delay_ns // SECOND} s"


@frozen
class Fixed:
    """Always `delay_ns`."""

    delay_ns: int = 0

    def __post_init__(self) -> None:
        _check(0 <= self.delay_ns <= DELAY_MAX_NS, f"delay of {_words(self.delay_ns)}")


@frozen
class Uniform:
    """Anything from `low_ns` to `high_ns`, both included, equally likely."""

    low_ns: int
    high_ns: int

    def __post_init__(self) -> None:
        told = f"delay between {_words(self.low_ns)} and {_words(self.high_ns)}"
        _check(0 <= self.low_ns <= self.high_ns <= DELAY_MAX_NS, told)


@frozen
class LogNormal:
    """Half of the samples are above `median_ns`; `sigma` is the standard deviation of the logarithm."""

    median_ns: int
    sigma: float

    def __post_init__(self) -> None:
        _check(0 <= self.median_ns <= DELAY_MAX_NS, f"delay of {_words(self.median_ns)}")
        _check(0 <= self.sigma <= 10, f"log-normal sigma of {self.sigma}", "it is from 0 to 10")


@frozen
class Mixture:
    """One of several distributions: pairs of a weight and a distribution. 99 to 1 is a rare straggler."""

    choices: tuple[tuple[int, Delay], ...]

    def __post_init__(self) -> None:
        weights = [weight for weight, _ in self.choices]
        _check(
            bool(weights) and min(weights) >= 0 and sum(weights) > 0,
            f"mixture with the weights {weights}",
            "none is below 0, and not all are 0",
        )


Delay = Fixed | Uniform | LogNormal | Mixture

AT_ONCE = Fixed(0)

_DECIMALS = Context(prec=28)


def sample(delay: Delay, draws: Draws) -> int:
    """A delay in nanoseconds. A fixed one draws nothing."""
    match delay:
        case Fixed(delay_ns):
            return delay_ns
        case Uniform(low_ns, high_ns):
            return draws.between(low_ns, high_ns)
        case LogNormal():
            return _log_normal(delay, draws)
        case Mixture(choices):
            return sample(_chosen(choices, draws), draws)
        case _:
            assert_never(delay)


def _log_normal(delay: LogNormal, draws: Draws) -> int:
    exponent = _DECIMALS.multiply(Decimal(delay.sigma), _normal(draws))
    drawn = _DECIMALS.multiply(Decimal(delay.median_ns), _DECIMALS.exp(exponent))
    return min(int(drawn.to_integral_value(context=_DECIMALS)), DELAY_MAX_NS)


def _normal(draws: Draws) -> Decimal:
    """A standard normal sample: Box and Muller's transform in its polar form, which needs no sine."""
    while True:
        across, along = 2 * draws.random() - 1, 2 * draws.random() - 1
        square = across * across + along * along
        if 0 < square < 1:
            break
    exact = Decimal(square)
    ratio = _DECIMALS.divide(_DECIMALS.multiply(Decimal(-2), _DECIMALS.ln(exact)), exact)
    return _DECIMALS.multiply(Decimal(across), _DECIMALS.sqrt(ratio))


def _chosen(choices: tuple[tuple[int, Delay], ...], draws: Draws) -> Delay:
    place = draws.between(1, sum(weight for weight, _ in choices))
    for weight, delay in choices:
        place -= weight
        if place <= 0:
            return delay
    raise AssertionError("the weights add up")
