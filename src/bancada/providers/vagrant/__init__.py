"""Seats as virtual machines of Vagrant and libvirt or VirtualBox."""
