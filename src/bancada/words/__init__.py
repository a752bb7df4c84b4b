"""What is said to a person: errors, two languages, what was meant, how far it is; nothing in it acts on a terminal."""
