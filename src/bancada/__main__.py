import sys

try:
    from bancada.cli import main

    main()
except KeyboardInterrupt:  # while the modules were still being loaded
    sys.exit(130)
