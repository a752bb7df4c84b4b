"""Seats that are machines which exist already, and are lent to the class."""
