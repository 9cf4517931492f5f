from typing_extensions import Annotated, TypedDict, get_type_hints


class Movie(TypedDict):
    title: Annotated[str, "short"]


assert get_type_hints(Movie, include_extras=True)["title"].__metadata__ == ("short",)
print("yes")
