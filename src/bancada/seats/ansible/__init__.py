"""Ansible, driven: playbooks run over the class's own ssh_config, their events read as they happen."""
