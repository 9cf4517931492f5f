"""_interpchannels: send an object through a channel"""
import _interpchannels

REPLACE = 3
channel = _interpchannels.create(REPLACE)
_interpchannels.send(channel, b"word", REPLACE, blocking=False)
value, _ = _interpchannels.recv(channel)
_interpchannels.destroy(channel)
print(channel, value)
print("yes" if value == b"word" else f"no: received {value}")
