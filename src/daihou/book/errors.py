"""The one error users meet: what is wrong, where, and what to do about it."""


class DaihouError(Exception):
    """Something a user can put right; the command line shows it as three short lines and exits with 2."""

    def __init__(self, message: str, remedy: str = "", place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        return "\n".join(line for line in (self.message, self.place, self.remedy) if line)
