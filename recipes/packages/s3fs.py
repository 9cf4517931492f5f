import s3fs

s3fs.S3FileSystem(anon=True)
print("yes")
