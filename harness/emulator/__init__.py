"""The console of the Android emulator, either side: commands, texts, answers, and the two ends of the talk. Pure."""

from harness.emulator.answers import Answer, Ko, Ok
from harness.emulator.commands import Command
from harness.emulator.lines import line
from harness.emulator.vocabulary import parsed

__all__ = ["Answer", "Command", "Ko", "Ok", "line", "parsed"]
