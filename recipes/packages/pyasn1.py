from pyasn1.codec.der.decoder import decode
from pyasn1.codec.der.encoder import encode
from pyasn1.type.univ import Integer

assert decode(encode(Integer(300)))[0] == 300
print("yes")
