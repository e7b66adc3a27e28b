"""SSM Automation: what a document is, and how it runs."""
