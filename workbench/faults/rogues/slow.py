"""A codec that takes its time to be imported, and is nothing then."""

import time

time.sleep(5.0)
raise ImportError("slow, and broken after all")
