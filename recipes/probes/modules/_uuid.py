"""_uuid: identifiers with the time, from the system"""
import uuid

import _uuid

raw = _uuid.generate_time_safe()
first, second = uuid.UUID(bytes=raw[0]), uuid.uuid1()
print("version:", first.version, "safe:", raw[1])
print("yes" if first.version == 1 and first != second else f"no: got {first}")
