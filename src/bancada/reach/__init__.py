"""How anything outside this process is reached: commands, SSH, files, locks. Nothing here knows what a class is."""
