from setuptools import find_packages, setup

with open("requirements.txt") as handle:
    REQUIRED = [line.strip() for line in handle if line.strip() and not line.startswith("#")]

setup(name="Green_House", version="0.2", packages=find_packages(), install_requires=REQUIRED, python_requires=">=3.8")
