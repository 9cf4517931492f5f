"""logging: files that are rotated"""
import logging
import logging.handlers
import os

handler = logging.handlers.RotatingFileHandler("probe.log", maxBytes=100, backupCount=2)
logger = logging.getLogger("probe")
logger.addHandler(handler)
for number in range(20):
    logger.warning("message number %d", number)
handler.close()
names = sorted(os.listdir())
with open("probe.log") as file:
    last = file.read().splitlines()[-1]
print(names, "last line:", last)
assert last == "message number 19", f"the last line is {last!r}"
print("yes" if names == ["probe.log", "probe.log.1", "probe.log.2"] else f"no: the files are {names}")
