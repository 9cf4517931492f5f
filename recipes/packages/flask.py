import flask

app = flask.Flask("a")


@app.get("/<int:number>")
def twice(number):
    return flask.jsonify(number * 2)


assert app.test_client().get("/21").json == 42
print("yes")
