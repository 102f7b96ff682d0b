"""The one error users meet: what is wrong, where, and what to do about it."""


class DaihouError(Exception):
    """Something a user can put right; the command line shows it as three short lines and exits with 2.

    `zh` holds message and remedy once more, in Chinese.
    """

    def __init__(self, message: str, remedy: str = "", place: str = "", *, zh: tuple[str, str]) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place
        self.zh = zh

    def __reduce__(self) -> tuple[object, ...]:
        """Let it travel between processes whole."""
        return _again, (self.message, self.remedy, self.place, self.zh)

    def __str__(self) -> str:
        return "\n".join(line for line in (self.message, self.place, self.remedy) if line)


def _again(message: str, remedy: str, place: str, zh: tuple[str, str]) -> DaihouError:
    return DaihouError(message, remedy, place, zh=zh)
