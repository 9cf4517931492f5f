"""_xxinterpchannels: send an object through a channel"""
import _xxinterpchannels

channel = _xxinterpchannels.create()
try:
    # Later releases of 3.12 wait until the object is received, unless they are asked not to.
    _xxinterpchannels.send(channel, b"word", blocking=False)
except TypeError:
    _xxinterpchannels.send(channel, b"word")
value = _xxinterpchannels.recv(channel)
print(channel, value)
print("yes" if value == b"word" else f"no: received {value}")
