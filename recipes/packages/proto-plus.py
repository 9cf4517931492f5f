import proto


class A(proto.Message):
    b = proto.Field(proto.STRING, number=1)


assert A.deserialize(A.serialize(A(b="c"))).b == "c"
print("yes")
