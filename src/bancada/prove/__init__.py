"""That the project is right: every state and every mistake of an exercise, and the tests of the whole."""
