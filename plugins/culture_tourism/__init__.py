"""The line culture, sport and tourism: its items, known by name so far."""
