"""What runs on a machine that is lent to us: notes what we change there, and gives it back as it was."""
