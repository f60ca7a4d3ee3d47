"""What a tool may ask of the program that calls it, and of the person in front of it."""

from __future__ import annotations

from typing import Literal, Protocol

Answer = Literal["yes", "no", "cannot ask"]


class Host(Protocol):
    """The program that runs the language model."""

    async def confirm(self, key: str, question: str) -> Answer:
        """Ask the person a question before something is bought.

        Args:
            key: of the purchase. An answer to one question is none to another.
            question: what the person reads.
        """
        ...

    def progress(self, seconds: float, total: float, message: str) -> None:
        """Report how long a call has waited of how long it will at most, and how the video is doing."""
        ...


class NoHost:
    """A program in which nobody can be asked, and which shows no progress."""

    async def confirm(self, key: str, question: str) -> Answer:
        """Nobody is there."""
        return "cannot ask"

    def progress(self, seconds: float, total: float, message: str) -> None:
        """Nobody looks."""
