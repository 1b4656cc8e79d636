"""`python3 -m workbench app|lab|test|load|worlds …`; works on a bare Python and says so on one that is too old."""

import sys

OLDEST = (3, 11)


def main():
    """Start the launcher, or say in one sentence which Python is needed. The exit code."""
    if sys.version_info[:2] < OLDEST:
        return (
            "The workbench needs Python %d.%d or newer and this is Python %d.%d: install a newer one "
            "and start again with it, for example: python3.12 -m workbench app" % (OLDEST + tuple(sys.version_info[:2]))
        )
    from workbench import launcher

    return launcher.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
