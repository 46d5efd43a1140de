"""What the outbox delivers for accounts."""
