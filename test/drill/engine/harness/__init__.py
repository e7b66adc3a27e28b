"""The harness: finds and runs drills, and makes and tries mutants."""
