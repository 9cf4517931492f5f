from annotated_types import Interval

assert [type(it).__name__ for it in Interval(gt=1, le=2)] == ["Gt", "Le"]
print("yes")
