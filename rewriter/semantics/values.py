"""Values that stand in instructions and have a grammar of their own: numbers, signals, ports, file modes.

Every reader takes expanded text; what BuildKit refuses raises `BuildError`.
"""

from __future__ import annotations

from rewriter.semantics.problems import BuildError

_SIGNALS = frozenset(
    """ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP
    TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX""".split()
)
_REALTIME = frozenset([*(f"RTMIN+{n}" for n in range(1, 16)), *(f"RTMAX-{n}" for n in range(1, 15))])
_LAST_PORT = 65535
_LAST_MODE = 0o7777
_LONGEST_NUMBER = 19  # digits; what is longer does not fit 64 bits


def integer(text: str) -> int | None:
    """Return a decimal number with an optional sign, None for anything else; the rule of Go's `strconv.Atoi`."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > _LONGEST_NUMBER:
        return None
    return int(text)


def check_signal(text: str) -> None:
    """Accept a signal by number or by name, with or without SIG, in any case.

    Raises:
        BuildError: there is no such signal on Linux.
    """
    number = integer(text)
    name = text.upper().removeprefix("SIG")
    if number == 0 or (number is None and name not in _SIGNALS and name not in _REALTIME):
        raise BuildError(f"invalid signal: {text}")


def check_mode(text: str) -> None:
    """Accept what `--chmod` takes: an octal number up to 07777, or changes such as `u=rwx,go+r`.

    Raises:
        BuildError: it is neither.
    """
    letters = set(text)
    if not text or (letters <= set("ugoa+-=rwxXst,") and letters & set("+-=")):
        return
    if not letters <= set("01234567") or int(text, 8) > _LAST_MODE:
        raise BuildError(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")


def ports(text: str) -> tuple[str, ...]:
    """Return the ports that one word of EXPOSE declares, as `number/protocol`; ranges are spelled out.

    The form is `[address:][host:]first[-last][/protocol]`; the host port is checked, address and host port are
    dropped.

    Raises:
        BuildError: a port or the protocol is refused.
    """
    address_and_host, _, container = text.rpartition(":")
    host = address_and_host.rpartition(":")[2]
    port, _, protocol = container.partition("/")
    if not port:
        raise BuildError(f'invalid port: "{text}": no port specified')
    if protocol.lower() not in ("", "tcp", "udp", "sctp"):
        raise BuildError(f'invalid port: "{text}": invalid proto: {protocol}')
    numbers = _port_range(port)
    if numbers is None:
        raise BuildError(f"invalid containerPort: {port}")
    _check_host_port(host, port, len(numbers))
    return tuple(f"{number}/{protocol.lower() or 'tcp'}" for number in numbers)


def _check_host_port(host: str, port: str, count: int) -> None:
    if not host:
        return
    numbers = _port_range(host)
    if numbers is None:
        raise BuildError(f"invalid hostPort: {host}")
    if count not in (1, len(numbers)):
        raise BuildError(f"invalid ranges specified for container and host Ports: {port} and {host}")


def _port_range(text: str) -> range | None:
    first, dash, last = text.partition("-")
    start = integer(first)
    end = integer(last) if dash and last != first else start
    if start is None or end is None or not 0 <= start <= end <= _LAST_PORT:
        return None
    return range(start, end + 1)
