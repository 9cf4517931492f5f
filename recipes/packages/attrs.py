import attrs


@attrs.define
class Point:
    x: int = attrs.field(validator=attrs.validators.instance_of(int))
    y: int = 0


assert attrs.asdict(Point(1)) == {"x": 1, "y": 0}
print("yes")
