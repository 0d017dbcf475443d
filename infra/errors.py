"""What a command of `vitrine` could not do, with what to do about it."""


class CommandError(Exception):
    """`message` says what failed, `advice` how to go on, `detail` the last output of the program that failed."""

    def __init__(self, message: str, advice: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.detail = detail
