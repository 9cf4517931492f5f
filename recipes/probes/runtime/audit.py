"""sys.addaudithook(): opening a file is reported"""
import sys

seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event.startswith("probe.") or event == "open" else None)
open("file", "w").close()
sys.audit("probe.event", 1)
print("events:", seen)
print("yes" if seen == ["open", "probe.event"] else f"no: the events are {seen}")
