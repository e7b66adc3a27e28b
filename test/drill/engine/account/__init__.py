"""The account: an emulator of the AWS APIs with an environment deployed in it."""
