"""_multibytecodec: incremental decoding of multi-byte encodings"""
import codecs

import _multibytecodec

decoder = codecs.getincrementaldecoder("shift_jis")()
assert isinstance(decoder, _multibytecodec.MultibyteIncrementalDecoder), "the decoder is another one"
text = decoder.decode(b"\x92") + decoder.decode(b"\x86", final=True)
print(ascii(text))
print("yes" if text == "中" else f"no: got {text!a}")
