"""What the law and those who are named ask: signed text in time, withdrawing, erasing."""
