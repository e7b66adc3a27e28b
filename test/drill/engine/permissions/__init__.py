"""IAM: what calls need, and what the roles of the runbooks allow."""
