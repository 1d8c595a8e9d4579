"""Every event of the catalogue is emitted somewhere: one that no code names would be a promise to operators that nobody keeps.

    emitted_events_test.py ROOT
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()).resolve() if len(sys.argv) > 1 else pathlib.Path(".")


def enumerators(header: str) -> list:
    body = re.search(r"enum class Event\b[^{]*\{(.*?)\};", header, re.S).group(1)
    return re.findall(r"^\s*(\w+),", re.sub(r"//[^\n]*", "", body), re.M)


def without_emitter(events: list, sources: list) -> list:
    named = set()
    for text in sources:
        named.update(re.findall(r"\bEvent::(\w+)", re.sub(r"//[^\n]*", "", text)))
    return [event for event in events if event not in named]


class EmittedEvents(unittest.TestCase):
    def test_every_event_is_named_by_code(self):
        events = enumerators((ROOT / "lib/log/event.h").read_text(encoding="utf-8"))
        self.assertGreater(len(events), 50)
        sources = [path.read_text(encoding="utf-8") for folder in ("lib", "daemon")
                   for path in sorted((ROOT / folder).rglob("*"))
                   if path.suffix in (".cpp", ".h") and not path.name.startswith("catalogue")]
        self.assertEqual(without_emitter(events, sources), [], "emit it where it happens, or take it out of the catalogue")

    def test_a_silent_event_would_be_noticed(self):
        events = enumerators("enum class Event : int {\n    // one\n    loud_one,\n    silent_one,  // never\n};")
        self.assertEqual(events, ["loud_one", "silent_one"])
        self.assertEqual(without_emitter(events, ["emit(Event::loud_one); // Event::silent_one"]), ["silent_one"])


if __name__ == "__main__":
    unittest.main()
