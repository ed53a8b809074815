"""What a run can become, a file each, which declares its TARGET."""
