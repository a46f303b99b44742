"""The room of machines: a described interface under /api/v1/ for other programs, and the departments' call-backs."""
