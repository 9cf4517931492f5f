import pydantic


class User(pydantic.BaseModel):
    name: str
    age: int = 0


assert User(name="a", age="3").age == 3
try:
    User(age=1)
except pydantic.ValidationError as error:
    assert error.errors()[0]["loc"] == ("name",)
else:
    raise AssertionError("a missing field was accepted")
print("yes")
