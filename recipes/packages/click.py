import click
from click.testing import CliRunner


@click.command()
@click.option("--count", default=1)
@click.argument("name")
def hello(count, name):
    click.echo(f"{name}" * count)


assert CliRunner().invoke(hello, ["--count", "2", "ab"]).output == "abab\n"
print("yes")
