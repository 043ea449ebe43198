"""Letters on their way out: SMTP spoken to relays, and what became of each letter. It knows nothing of what stands in one."""
