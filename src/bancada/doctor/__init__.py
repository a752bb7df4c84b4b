"""What this computer can do, and what stands in the way of its class."""
