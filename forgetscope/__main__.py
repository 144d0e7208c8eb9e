"""`python -m forgetscope`."""

from forgetscope.cli.main import main

if __name__ == "__main__":
    main()
