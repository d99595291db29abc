import os

print(os.environ["CATALOGUE_FTP_PASSWORD"])
