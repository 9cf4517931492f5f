from werkzeug.test import Client
from werkzeug.wrappers import Request, Response


@Request.application
def app(request):
    return Response(request.args["a"])


assert Client(app).get("/?a=b").text == "b"
print("yes")
