"""wsgiref: call an application without a network"""
import io
import wsgiref.handlers
import wsgiref.util


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello\n"]


environ, output = {}, io.BytesIO()
wsgiref.util.setup_testing_defaults(environ)
wsgiref.handlers.SimpleHandler(io.BytesIO(), output, io.StringIO(), environ, multithread=False).run(application)
print(output.getvalue())
print("yes" if output.getvalue().endswith(b"\r\n\r\nhello\n") else "no: the answer is not complete")
