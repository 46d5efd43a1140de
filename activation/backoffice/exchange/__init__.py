"""« Échanges SFR » in the back office: batches that leave, answers that come."""
