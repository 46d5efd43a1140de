"""What a month sold, gave, invoiced and waits for, in figures that equal the orders to the cent."""
