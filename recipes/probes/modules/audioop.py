"""audioop: operations on samples"""
import warnings

warnings.simplefilter("ignore")
import audioop

louder = audioop.mul(b"\x01\x00\x02\x00", 2, 3)
print(louder, audioop.rms(louder, 2))
print("yes" if louder == b"\x03\x00\x06\x00" else f"no: got {louder}")
