import aiobotocore.session

session = aiobotocore.session.get_session()
session.create_client("s3", region_name="eu-west-1")
print("yes")
