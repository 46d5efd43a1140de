"""What structures owe: a run a month, numbered invoices that never change, credit notes."""
