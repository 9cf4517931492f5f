import boto3

session = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
assert "s3" in session.get_available_services()
client = session.client("sqs")
assert client.meta.region_name == "eu-west-1"
print("yes")
