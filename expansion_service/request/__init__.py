"""What a request may contain, and how it is read. Nothing is decoded before it is checked."""
